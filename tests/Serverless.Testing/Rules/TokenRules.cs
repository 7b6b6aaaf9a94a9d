namespace Serverless.Testing.Rules;

/// <summary>Where tokens are asked for: challenges, <c>/token</c>, and what a token shows.</summary>
internal static class TokenRules
{
    private const string Challenge = "WWW-Authenticate: Bearer realm=\"https://registry.example/token\",service=\"rules\"";
    private static readonly string[] s_tokens = ["Auth:Mode=token", "Auth:Token:Service=rules", "PublicUrl=https://registry.example"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("Whoever shows nothing is told where to sign in", "GET /v2/", 401, "UNAUTHORIZED") { Under = s_tokens, Says = [Challenge] },
        new("Without a public URL the place to sign in is an address of the registry's own, whatever Host says", "GET /v2/", 401, "UNAUTHORIZED")
        {
            Under = ["Auth:Mode=token", "Auth:Token:Service=rules"],
            With = ["Host: evil.example", "X-Forwarded-Host: evil.example"],
            Says = ["WWW-Authenticate: Bearer realm=\"http://127.0.0.1:*"],
        },
        new("A mount asks for both repositories", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=base", 401, "UNAUTHORIZED")
        {
            Under = s_tokens,
            Says = [Challenge + ",scope=\"repository:{app}:pull,push repository:base:pull\""],
        },
        new("A mount without a source asks for its repository alone", "POST /v2/{app}/blobs/uploads/?mount={layer}", 401, "UNAUTHORIZED")
        {
            Under = s_tokens,
            Says = [Challenge + ",scope=\"repository:{app}:pull,push\""],
        },
        new("A mount from its own repository asks for that alone", "POST /v2/{app}/blobs/uploads/?mount={layer}&from={app}", 401, "UNAUTHORIZED")
        {
            Under = s_tokens,
            Says = [Challenge + ",scope=\"repository:{app}:pull,push\""],
        },
        new("A mount from what is no name asks for its repository alone", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=A..", 401, "UNAUTHORIZED")
        {
            Under = s_tokens,
            Says = [Challenge + ",scope=\"repository:{app}:pull,push\""],
        },
        new("A source without a mount asks for its repository alone", "POST /v2/{app}/blobs/uploads/?from=base", 401, "UNAUTHORIZED") { Under = s_tokens, Says = [Challenge + ",scope=\"repository:{app}:pull,push\""] },
        new("Whoever could show that he may read the source of a mount is asked to", "POST /v2/{app}/blobs/uploads/?mount={base}&from=base", 401, "UNAUTHORIZED")
        {
            Under = s_tokens,
            With = ["Authorization: Bearer {token repository:{app}:pull,push}"],
            Says = [Challenge + ",scope=\"repository:{app}:pull,push repository:base:pull\",error=\"insufficient_scope\""],
        },
        new("Whoever shows that he may read the source of a mount has it", "POST /v2/{app}/blobs/uploads/?mount={base}&from=base", 201)
        {
            Under = s_tokens,
            With = ["Authorization: Bearer {token repository:{app}:pull,push repository:base:pull}"],
            Says = ["Docker-Content-Digest: {base}"],
        },
        new("A mount from what one may not read begins an upload", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=bare", 202)
        {
            Under = s_tokens,
            With = ["Authorization: Bearer {token repository:{app}:pull,push}"],
            Says = ["Range: 0-0"],
        },
        new("A mount from what is not there begins an upload as well", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=none", 202)
        {
            Under = s_tokens,
            With = ["Authorization: Bearer {token repository:{app}:pull,push}"],
            Says = ["Range: 0-0"],
        },

        new("The catalog shows what one may pull, whatever the token names", "GET /v2/_catalog", 200)
        {
            Under = s_tokens,
            With = ["Authorization: Bearer {token repository:none:pull}"],
            Body = """{"repositories":["app","base"]}""",
        },
        new("A scope for the catalog gives nothing that one has not", "GET /v2/_catalog", 200) { Under = s_tokens, With = ["Authorization: Bearer {token registry:catalog:*}"], Body = """{"repositories":["app","base"]}""" },

        new("A plugin's scope is one for its repository", "GET /token?scope=repository(plugin):app:pull", 200) { Under = s_tokens, With = ["Authorization: {basic}"], Mentions = ["\"scope\":\"repository:app:pull\""] },
        new("A scope of another kind gives nothing", "GET /token?scope=repositories(plugin):app:pull", 200) { Under = s_tokens, With = ["Authorization: {basic}"], Mentions = ["\"scope\":\"\""] },
        new("A token may be asked for with 101 scopes", "GET /token?" + Scopes(101), 200) { Under = s_tokens, With = ["Authorization: {basic}"], Mentions = ["repository:own-0:pull", "repository:own-100:pull"] },
        new("A token may be asked for with 1000 scopes", "GET /token?" + Scopes(1000), 200) { Under = s_tokens, With = ["Authorization: {basic}"], Mentions = ["repository:own-0:pull"] },
        new("A token with 1001 scopes is refused", "GET /token?" + Scopes(1001), 400, "UNSUPPORTED") { Under = s_tokens, With = ["Authorization: {basic}"], Mentions = ["1000"] },
        new("Without refresh tokens none is given out", "GET /token?offline_token=true", 200) { Under = [.. s_tokens, "Auth:Token:RefreshLifetime=0"], With = ["Authorization: {basic}"], Mentions = ["\"token\":"] },
    ];

    private static string Scopes(int count) => string.Join('&', Enumerable.Range(0, count).Select(i => $"scope=repository:own-{i}:pull"));
}
