package io.taxistream.producer.archives;

import io.taxistream.producer.input.InputFailedException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Unsupported formats, detected by their first bytes, so that the error message can name them. */
enum ForeignFormat {
    SEVEN_ZIP("377abcaf271c", "a 7z archive", Advice.PACK),
    RAR("526172211a07", "a rar archive", Advice.PACK),
    LZIP("4c5a4950", "compressed with lzip", Advice.PACK),
    LZOP("894c5a4f", "compressed with lzop", Advice.PACK),
    LZ4_LEGACY("02214c18", "compressed with LZ4 in its legacy format", Advice.PACK),
    LZMA("5d0000", "compressed with LZMA (.lzma)", Advice.PACK),
    ZLIB_FAST("7801", "compressed with zlib", Advice.PACK),
    ZLIB("789c", "compressed with zlib", Advice.PACK),
    ZLIB_BEST("78da", "compressed with zlib", Advice.PACK),
    UNIX_COMPRESS("1f9d", "compressed with compress (.Z)", Advice.PACK),
    CABINET("4d534346", "a cabinet archive", Advice.PACK),
    SPLIT_ZIP("504b0708", "a part of a split zip archive", Advice.PACK),
    OFFICE("d0cf11e0a1b11ae1", "an Office document, such as an Excel workbook (xls)", Advice.SAVE_AS_CSV),
    PDF("25504446", "a PDF document", Advice.EXPORT),
    SQLITE("53514c69746520666f726d61742033", "an SQLite database", Advice.EXPORT),
    ARROW("4152524f5731", "an Arrow file (Feather)", Advice.EXPORT),
    ARROW_STREAM("ffffffff", "a binary file, such as an Arrow stream", Advice.EXPORT),
    FEATHER("46454131", "a Feather file", Advice.EXPORT),
    ORC("4f5243", "an ORC file", Advice.EXPORT),
    AVRO("4f626a01", "an Avro file", Advice.EXPORT),
    HDF5("894844460d0a1a0a", "an HDF5 file", Advice.EXPORT),
    PNG("89504e470d0a1a0a", "a PNG image", Advice.OTHER),
    JPEG("ffd8ff", "a JPEG image", Advice.OTHER),
    UTF_32_LE("fffe0000", "text in UTF-32", Advice.CONVERT),
    UTF_32_BE("0000feff", "text in UTF-32", Advice.CONVERT),
    UTF_16_LE("fffe", "text in UTF-16", Advice.CONVERT),
    UTF_16_BE("feff", "text in UTF-16", Advice.CONVERT);

    /** Advice for the error message. */
    private static final class Advice {
        private static final String PACK = "unpack it, or pack it as gzip, zstd, zip or tar";
        private static final String SAVE_AS_CSV = "save the sheet as CSV UTF-8";
        private static final String EXPORT = "export it as CSV, JSON lines or Parquet";
        private static final String CONVERT = "convert it to UTF-8";
        private static final String OTHER = "use a file with trips";
    }

    private static final int DETECTION_BYTES = 512;
    private static final int BYTES_FOR_TEXT = 16;

    /** Text with a few broken lines has at most one control character in this many bytes. */
    private static final int MIN_BYTES_PER_CONTROL = 10;

    /** Text in ISO 8859-1 has at most one character that is not ASCII in this many bytes. */
    private static final int MIN_BYTES_PER_OTHER = 4;

    private final String magic;
    private final String what;
    private final String advice;

    ForeignFormat(String magic, String what, String advice) {
        this.magic = magic;
        this.what = what;
        this.advice = advice;
    }

    /**
     * Rejects content that is not text, and text that is not a table.
     *
     * @param head first bytes of the content
     * @param object key of the object, for the message
     * @throws InputFailedException if the content is rejected
     */
    static void refuse(byte[] head, String object) {
        String hex = HexFormat.of().formatHex(head, 0, Math.min(head.length, DETECTION_BYTES));
        for (ForeignFormat format : values()) {
            if (hex.startsWith(format.magic)) {
                throw refused(object, format.what, format.advice);
            }
        }
        if (hex.startsWith("4455434b", 16)) {
            throw refused(object, "a DuckDB database", Advice.EXPORT);
        }
        if (isUtf16(head)) {
            throw refused(object, "text in UTF-16", Advice.CONVERT);
        }
        if (isBinary(head)) {
            throw refused(object, "a binary file of an unknown format", Advice.EXPORT);
        }
        String text = new String(head, 0, Math.min(head.length, DETECTION_BYTES), StandardCharsets.UTF_8)
                .replace("\ufeff", "")
                .stripLeading()
                .toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
            throw refused(object, "an HTML page", "the download has probably failed: download the file again");
        }
        if (text.startsWith("<?xml") || text.startsWith("<!--") || text.matches("(?s)<[a-z]+[ >/].*")) {
            throw refused(object, "an XML document", "check the download, or " + Advice.EXPORT);
        }
        if (text.startsWith("version https://git-lfs")) {
            throw refused(object, "a Git LFS pointer instead of the file itself", "fetch it with git lfs pull");
        }
    }

    /** Creates the error for an Office document, which is a zip archive. */
    static InputFailedException officeDocument(String object) {
        return refused(object, "an Office document, such as an Excel workbook (xlsx)", Advice.SAVE_AS_CSV);
    }

    /** Creates the error for nested archives or compression. */
    static InputFailedException nested(String object, String what) {
        return refused(object, what, "unpack the outer layer first");
    }

    private static InputFailedException refused(String object, String what, String advice) {
        return new InputFailedException(object + " is " + what + ", which is not supported; " + advice);
    }

    /** Returns whether every other byte of the head is zero, as in ASCII text encoded in UTF-16. */
    private static boolean isUtf16(byte[] head) {
        int length = Math.min(head.length, BYTES_FOR_TEXT) & ~1;
        int[] zeros = new int[2];
        for (int i = 0; i < length; i++) {
            if (head[i] == 0) {
                zeros[i & 1]++;
            }
        }
        int half = length / 2;
        return length == BYTES_FOR_TEXT && ((zeros[0] == half && zeros[1] == 0) || (zeros[1] == half && zeros[0] == 0));
    }

    /**
     * Returns whether bytes are not text. Text may have a few broken lines, but at most one control character in its
     * first line, and it is UTF-8 or mostly ASCII.
     */
    private static boolean isBinary(byte[] head) {
        int length = Math.min(head.length, DETECTION_BYTES);
        int controls = 0;
        int others = 0;
        boolean firstLine = true;
        for (int i = 0; i < length; i++) {
            boolean lineEnd = head[i] == '\n' || head[i] == '\r';
            firstLine &= !lineEnd;
            if (head[i] < 0) {
                others++;
            } else if (head[i] < ' ' && !lineEnd && head[i] != '\t' && head[i] != '\f' && head[i] != 0x1a) {
                controls++;
                if (firstLine && controls > 1) {
                    return true;
                }
            }
        }
        return length >= BYTES_FOR_TEXT
                && (controls * MIN_BYTES_PER_CONTROL > length
                        || (others * MIN_BYTES_PER_OTHER > length && !isUtf8(head, length)));
    }

    /** Returns whether bytes are valid UTF-8; the last character may be truncated. */
    private static boolean isUtf8(byte[] head, int length) {
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(head, 0, length), CharBuffer.allocate(length), false);
        return result.isUnderflow();
    }
}
