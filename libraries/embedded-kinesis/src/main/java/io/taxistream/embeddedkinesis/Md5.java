package io.taxistream.embeddedkinesis;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** MD5 digest, used to map partition keys to hash keys and at the end of aggregated records. */
final class Md5 {

    private Md5() {}

    /** Creates a digest that one thread may reuse. */
    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
