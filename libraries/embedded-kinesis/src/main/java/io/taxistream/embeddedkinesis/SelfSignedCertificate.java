package io.taxistream.embeddedkinesis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * Key and certificate for {@code localhost} and the loopback addresses, generated at each start and kept in memory only.
 *
 * <p>The certificate is encoded here as DER (X.509 v3, RFC 5280), because the JDK has no public API for this.
 */
final class SelfSignedCertificate {

    private static final String OID_COMMON_NAME = "2.5.4.3";
    private static final String OID_SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    private static final String OID_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int VERSION_FIELD = 0xa0;
    private static final int EXTENSIONS_FIELD = 0xa3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final int VALID_DAYS = 365;

    private final KeyPair keyPair;
    private final X509Certificate certificate;

    private SelfSignedCertificate(KeyPair keyPair, X509Certificate certificate) {
        this.keyPair = keyPair;
        this.certificate = certificate;
    }

    KeyPair keyPair() {
        return keyPair;
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** @param now current time; the certificate is valid from one day earlier, to allow for clock skew */
    static SelfSignedCertificate create(Instant now) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keyPair = generator.generateKeyPair();

        byte[] algorithm = der(SEQUENCE, oid(OID_ECDSA_WITH_SHA256));
        byte[] name =
                der(SEQUENCE, der(SET, der(SEQUENCE, oid(OID_COMMON_NAME), der(UTF8_STRING, ascii("localhost")))));
        byte[] alternativeNames = der(
                SEQUENCE,
                der(DNS_NAME, ascii("localhost")),
                der(IP_ADDRESS, new byte[] {127, 0, 0, 1}),
                der(IP_ADDRESS, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        byte[] extensions = der(
                EXTENSIONS_FIELD,
                der(SEQUENCE, der(SEQUENCE, oid(OID_SUBJECT_ALTERNATIVE_NAME), der(OCTET_STRING, alternativeNames))));
        byte[] toBeSigned = der(
                SEQUENCE,
                der(VERSION_FIELD, der(INTEGER, new byte[] {2})),
                der(
                        INTEGER,
                        new BigInteger(63, new SecureRandom())
                                .add(BigInteger.ONE)
                                .toByteArray()),
                algorithm,
                name,
                der(SEQUENCE, time(now.minus(1, ChronoUnit.DAYS)), time(now.plus(VALID_DAYS, ChronoUnit.DAYS))),
                name,
                keyPair.getPublic().getEncoded(),
                extensions);

        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keyPair.getPrivate());
        signature.update(toBeSigned);
        byte[] encoded = der(SEQUENCE, toBeSigned, algorithm, der(BIT_STRING, new byte[] {0}, signature.sign()));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        return new SelfSignedCertificate(keyPair, certificate);
    }

    private static byte[] der(int tag, byte[]... contents) {
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length >= 0x80) {
            byte[] lengthBytes = BigInteger.valueOf(length).toByteArray();
            int from = lengthBytes[0] == 0 ? 1 : 0;
            out.write(0x80 | (lengthBytes.length - from));
            out.write(lengthBytes, from, lengthBytes.length - from);
        } else {
            out.write(length);
        }
        for (byte[] content : contents) {
            out.write(content, 0, content.length);
        }
        return out.toByteArray();
    }

    private static byte[] oid(String dotted) {
        long[] arcs = Arrays.stream(dotted.split("\\.", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write((int) (arcs[0] * 40 + arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arcs[i] >>> shift != 0) {
                    out.write((int) (0x80 | (arcs[i] >>> shift & 0x7f)));
                }
            }
            out.write((int) (arcs[i] & 0x7f));
        }
        return der(OBJECT_IDENTIFIER, out.toByteArray());
    }

    private static byte[] time(Instant instant) {
        return der(
                UTC_TIME,
                ascii(DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(instant)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
