/**
 * Sources of AWS credentials; the entry point is {@link io.taxistream.credentials.CredentialsSource}. A source only describes
 * how to obtain credentials and can be serialized; the credentials are fetched where they are used.
 */
@NullMarked
package io.taxistream.credentials;

import org.jspecify.annotations.NullMarked;
