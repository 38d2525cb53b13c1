package dev.sluice.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AuthorityTest {
    @Test
    void whatItIssuesIsSignedByItAndSaysWhatWasAskedFor() throws Exception {
        var authority = new Authority();
        var self = authority.self().certificate();
        var server = authority
                .server("server", List.of("localhost"), List.of("127.0.0.1"))
                .certificate();
        var client =
                authority.client(User.user("system:somebody", "one", "two")).certificate();

        self.verify(self.getPublicKey());
        server.verify(self.getPublicKey());
        client.verify(self.getPublicKey());
        client.checkValidity();
        assertThat(self.getBasicConstraints()).isNotNegative();
        assertThat(client.getBasicConstraints()).isNegative();
        assertThat(server.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(List.of(2, "localhost"), List.of(7, "127.0.0.1"));
        assertThat(client.getSubjectX500Principal().getName()).isEqualTo("CN=system:somebody,O=two,O=one");
        assertThat(client.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    }
}
