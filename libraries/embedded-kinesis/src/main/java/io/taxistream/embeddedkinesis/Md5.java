package io.taxistream.embeddedkinesis;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The MD5 digest, which maps partition keys to hash keys and closes aggregated records. */
final class Md5 {

    private Md5() {}

    /** A digest that may be used again and again by one thread. */
    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
