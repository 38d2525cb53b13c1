package dev.sluice.providers.http;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.spi.Deadline;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How a call proves who is calling: the block `authentication` of a web or Prometheus metric.
///
/// @see "argoproj.io/v1alpha1: provider.web.authentication, provider.prometheus.authentication"
public sealed interface Authentication {
    /// No proof, or one in a header of the metric.
    record None() implements Authentication {}

    record Basic(String username, String password) implements Authentication {
        @Override
        public String toString() {
            return "Basic[*****]";
        }
    }

    /// OAuth 2 client credentials (RFC 6749, 4.4): a token is fetched for each measurement.
    record ClientCredentials(URI tokenUrl, String clientId, String clientSecret, List<String> scopes)
            implements Authentication {
        public ClientCredentials {
            scopes = List.copyOf(scopes);
        }

        @Override
        public String toString() {
            return "ClientCredentials[*****]";
        }

        /// Servers differ in where they look for the client: in the `Authorization` header, which RFC 6749 prefers, or
        /// in the form. The header is tried first, the form when it is refused.
        private Token token(HttpEdge http, boolean insecure, Deadline deadline) {
            var scope = String.join(" ", scopes);
            var form = scope.isEmpty()
                    ? Addresses.form("grant_type", "client_credentials")
                    : Addresses.form("grant_type", "client_credentials", "scope", scope);
            var inHeader = call(form, insecure)
                    .with("Authorization", "Basic " + base64(encoded(clientId) + ":" + encoded(clientSecret)));
            var first = token(inHeader, http.send(inHeader, deadline));
            if (!(first instanceof Token.Refused)) return first;
            var inForm =
                    call(form + "&" + Addresses.form("client_id", clientId, "client_secret", clientSecret), insecure);
            return token(inForm, http.send(inForm, deadline));
        }

        private Call call(String form, boolean insecure) {
            return Call.post(tokenUrl, form.getBytes(StandardCharsets.UTF_8), insecure)
                    .with("Content-Type", "application/x-www-form-urlencoded")
                    .with("Accept", "application/json");
        }

        private static Token token(Call call, Answer answer) {
            return switch (answer) {
                case Answer.Unanswered(var why) -> new Token.Lost("oauth2: " + why);
                case Answer.Answered said
                when !said.good() -> new Token.Refused("oauth2: " + call + " answered " + said.status() + code(said));
                case Answer.Answered said ->
                    field(said, "access_token")
                            .<Token>map(Token.Granted::new)
                            .orElse(new Token.Lost("oauth2: " + call + " answered without an access_token"));
            };
        }

        /// The error code of RFC 6749, 5.2; nothing else of the answer is repeated.
        private static String code(Answer.Answered said) {
            return field(said, "error")
                    .filter(code -> code.matches("[a-z_]{1,40}"))
                    .map(code -> " (" + code + ")")
                    .orElse("");
        }

        private static Optional<String> field(Answer.Answered said, String name) {
            try {
                return Json.parse(said.text()).at(name).asString().filter(value -> !value.isEmpty());
            } catch (JsonSyntaxException notJson) {
                return Optional.empty();
            }
        }
    }

    /// The block is wrong or asks for what is not there.
    record Invalid(String problem) implements Authentication {}

    /// Reads the block; [None] where it is absent or empty.
    static Authentication of(Json block) {
        var basic = block.at("basicAuth");
        var oauth2 = block.at("oauth2");
        var sigv4 = block.at("sigv4");
        if (Stream.of("region", "profile", "roleArn")
                .anyMatch(key -> !sigv4.at(key).string("").isEmpty())) {
            return new Invalid("authentication.sigv4 is not supported yet; send the query through a signing proxy"
                    + " (such as aws-sigv4-proxy) and give its address");
        }
        boolean basicGiven = !basic.at("username").string("").isEmpty()
                || !basic.at("password").string("").isEmpty();
        boolean oauth2Given = Stream.of("tokenUrl", "clientId", "clientSecret")
                .anyMatch(key -> !oauth2.at(key).string("").isEmpty());
        if (basicGiven && oauth2Given) {
            return new Invalid("authentication has both basicAuth and oauth2; keep one of them");
        }
        if (basicGiven) return basic(basic);
        return oauth2Given ? clientCredentials(oauth2) : new None();
    }

    private static Authentication basic(Json block) {
        var username = block.at("username").string("");
        var password = block.at("password").string("");
        if (username.isEmpty() || password.isEmpty()) {
            return new Invalid("authentication.basicAuth needs both username and password");
        }
        return new Basic(username, password);
    }

    private static Authentication clientCredentials(Json block) {
        for (var key : List.of("tokenUrl", "clientId", "clientSecret")) {
            if (block.at(key).string("").isEmpty()) {
                return new Invalid("authentication.oauth2." + key + " is missing; client credentials need tokenUrl,"
                        + " clientId and clientSecret");
            }
        }
        var scopes = block.at("scopes").items().stream()
                .flatMap(scope -> scope.asString().stream())
                .toList();
        return Addresses.absolute(block.at("tokenUrl").string(""))
                .<Authentication>map(url -> new ClientCredentials(
                        url,
                        block.at("clientId").string(""),
                        block.at("clientSecret").string(""),
                        scopes))
                .orElse(new Invalid("authentication.oauth2.tokenUrl is no http or https address"));
    }

    /// What must never be told.
    default List<String> secrets() {
        return switch (this) {
            case None _, Invalid _ -> List.of();
            case Basic(var username, var password) -> List.of(password, base64(username + ":" + password));
            case ClientCredentials(var _, var clientId, var secret, var _) ->
                List.of(secret, base64(encoded(clientId) + ":" + encoded(secret)));
        };
    }

    /// The call with its proof, or why there is none.
    sealed interface Proven {
        /// @param secrets what the call now holds that must never be told
        record Ready(Call call, List<String> secrets) implements Proven {}

        record Refused(String why) implements Proven {}
    }

    /// Adds the proof to a call; asks the token server where one is needed.
    default Proven prove(Call call, HttpEdge http, Deadline deadline) {
        return switch (this) {
            case None _ -> new Proven.Ready(call, List.of());
            case Invalid(var problem) -> new Proven.Refused(problem);
            case Basic(var username, var password) ->
                new Proven.Ready(call.with("Authorization", "Basic " + base64(username + ":" + password)), secrets());
            case ClientCredentials credentials ->
                switch (credentials.token(http, call.insecure(), deadline)) {
                    case Token.Granted(var token) ->
                        new Proven.Ready(
                                call.with("Authorization", "Bearer " + token),
                                Stream.concat(secrets().stream(), Stream.of(token))
                                        .toList());
                    case Token.Refused(var why) -> new Proven.Refused(why);
                    case Token.Lost(var why) -> new Proven.Refused(why);
                };
        };
    }

    /// What the token server said.
    sealed interface Token {
        record Granted(String token) implements Token {}

        /// The client is not known there, or not in this way.
        record Refused(String why) implements Token {}

        record Lost(String why) implements Token {}
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
