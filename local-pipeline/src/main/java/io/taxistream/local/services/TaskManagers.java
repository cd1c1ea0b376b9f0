package io.taxistream.local.services;

import java.io.IOException;

/** The task managers of a cluster; each method returns how many run afterwards. */
public interface TaskManagers {

    /** Starts one more. */
    int startTaskManager() throws IOException;

    /** Ends one at once, whatever it is doing. */
    int killTaskManager() throws IOException, InterruptedException;
}
