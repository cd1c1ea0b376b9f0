package io.taxistream.local.services;

import java.io.IOException;

/** The task managers of a cluster. Each method returns the number running afterwards. */
public interface TaskManagers {

    /** Starts an additional task manager. */
    int startTaskManager() throws IOException;

    /** Kills a task manager. */
    int killTaskManager() throws IOException, InterruptedException;
}
