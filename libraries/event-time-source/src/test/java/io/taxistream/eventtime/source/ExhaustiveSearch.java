package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.ObjectState.Fingerprint;
import io.taxistream.eventtime.source.SmallWorld.Action;
import io.taxistream.eventtime.source.SmallWorld.Plan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Visits every state that a {@link SmallWorld} can reach, breadth first, so that the first mistake has the shortest path. */
final class ExhaustiveSearch {

    private final List<Action> actions = new ArrayList<>();
    private final List<Integer> cameFrom = new ArrayList<>();

    private record Node(SmallWorld world, int number) {}

    /**
     * Searches all states.
     *
     * @return their number
     * @throws AssertionError for a state in which something does not hold, with the steps that lead to it
     */
    static int run(Plan plan) {
        return new ExhaustiveSearch().search(plan);
    }

    private int search(Plan plan) {
        Set<Fingerprint> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>();
        SmallWorld start = new SmallWorld(plan);
        seen.add(ObjectState.fingerprint(start));
        open.add(new Node(start, visit(new Action("start", -1, ""), -1)));
        for (Node node = open.poll(); node != null; node = open.poll()) {
            List<Action> next = node.world().actions();
            if (next.stream().allMatch(Action::isOptional)) {
                checked(node.number(), node.world()::checkEnd);
            }
            for (Action action : next) {
                SmallWorld world = ObjectState.copy(node.world());
                int number = visit(action, node.number());
                checked(number, () -> world.take(action));
                if (seen.add(ObjectState.fingerprint(world))) {
                    open.add(new Node(world, number));
                } else {
                    forgetLast();
                }
            }
        }
        return seen.size();
    }

    private int visit(Action action, int from) {
        actions.add(action);
        cameFrom.add(from);
        return actions.size() - 1;
    }

    private void forgetLast() {
        actions.remove(actions.size() - 1);
        cameFrom.remove(cameFrom.size() - 1);
    }

    private void checked(int number, Runnable step) {
        try {
            step.run();
        } catch (AssertionError | RuntimeException e) {
            StringBuilder path = new StringBuilder();
            for (int at = number; at > 0; at = cameFrom.get(at)) {
                path.insert(0, "\n  " + actions.get(at));
            }
            throw new AssertionError(e.getMessage() + ", after:" + path, e);
        }
    }
}
