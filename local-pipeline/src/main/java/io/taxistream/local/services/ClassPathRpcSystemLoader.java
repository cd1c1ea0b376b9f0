package io.taxistream.local.services;

import java.util.ServiceLoader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.runtime.rpc.RpcSystemLoader;
import org.apache.flink.runtime.rpc.exceptions.RpcLoaderException;

/**
 * Loads Flink's RPC system from the class path if it is there. Flink's own loader, which is used otherwise, unpacks it for each
 * cluster and loads it with a new class loader, so that its 1,500 classes are neither archived nor compiled only once.
 */
public final class ClassPathRpcSystemLoader implements RpcSystemLoader {

    /** The smallest comes first; that of Flink's own loader is 0. */
    @Override
    public int getLoadPriority() {
        return -1;
    }

    /** @throws RpcLoaderException if the class path has no RPC system; Flink then tries the next loader */
    @Override
    public RpcSystem loadRpcSystem(Configuration configuration) {
        return ServiceLoader.load(RpcSystem.class, ClassPathRpcSystemLoader.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new RpcLoaderException("the class path has no RPC system"));
    }
}
