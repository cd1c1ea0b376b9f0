/**
 * Where AWS credentials come from: {@link io.taxistream.credentials.CredentialsSource} is the way in. Only the way to the
 * credentials is described and sent around; the credentials are fetched where they are used.
 */
@NullMarked
package io.taxistream.credentials;

import org.jspecify.annotations.NullMarked;
