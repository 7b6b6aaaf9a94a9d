namespace Serverless.Testing.Rules;

/// <summary><c>GET /v2/_catalog</c></summary>
internal static class CatalogRules
{
    private const string Everything = """{"repositories":["app","bare","base"]}""";
    private const string Nothing = """{"repositories":[]}""";

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("The catalog has every repository, also one without tags, in ASCII order", "GET /v2/_catalog", 200)
        {
            Says = ["Content-Type: application/json"],
            Lacks = ["Link"],
            Body = Everything,
        },
        new("A page of the catalog links to the next one", "GET /v2/_catalog?n=1", 200)
        {
            Says = ["Link: </v2/_catalog?n=1&last=app>; rel=\"next\""],
            Body = """{"repositories":["app"]}""",
        },
        new("The next page of the catalog begins after the last name", "GET /v2/_catalog?n=1&last=app", 200)
        {
            Says = ["Link: </v2/_catalog?n=1&last=bare>; rel=\"next\""],
            Body = """{"repositories":["bare"]}""",
        },
        new("The last page of the catalog has no link", "GET /v2/_catalog?n=1&last=bare", 200) { Lacks = ["Link"], Body = """{"repositories":["base"]}""" },
        new("A page of the catalog that is just full has no link", "GET /v2/_catalog?n=3", 200) { Lacks = ["Link"], Body = Everything },
        new("The last name of a page need not be a repository", "GET /v2/_catalog?last=apple", 200) { Body = """{"repositories":["bare","base"]}""" },
        new("The last name of a page need not be a name at all", "GET /v2/_catalog?last=B(%2F", 200) { Body = Everything },
        new("Behind the last repository there is nothing", "GET /v2/_catalog?last=zzz", 200) { Lacks = ["Link"], Body = Nothing },
        new("No repositories are none, and no link", "GET /v2/_catalog?n=0", 200) { Lacks = ["Link"], Body = Nothing },
        new("An n that is left empty is no n for the catalog", "GET /v2/_catalog?n=&last=", 200) { Body = Everything },
        new("An n too large for a number takes all the catalog", "GET /v2/_catalog?n=99999999999999999999", 200) { Body = Everything },
        new("An n above the maximum is the maximum of the catalog", "GET /v2/_catalog?n=100", 200)
        {
            Under = ["Catalog:MaxEntries=2"],
            Says = ["Link: </v2/_catalog?n=2&last=bare>; rel=\"next\""],
            Body = """{"repositories":["app","bare"]}""",
        },
        new("Without n a page of the catalog is as long as it may be", "GET /v2/_catalog", 200)
        {
            Under = ["Catalog:MaxEntries=2"],
            Says = ["Link: </v2/_catalog?n=2&last=bare>; rel=\"next\""],
        },
        new("The catalog's link is below the public URL", "GET /v2/_catalog?n=2", 200)
        {
            Under = ["PublicUrl=https://registry.example"],
            Says = ["Link: <https://registry.example/v2/_catalog?n=2&last=bare>; rel=\"next\""],
        },
        new("The catalog's link has nothing of forwarded hosts", "GET /v2/_catalog?n=2", 200)
        {
            With = ["Host: evil.example", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"],
            Says = ["Link: </v2/_catalog?n=2&last=bare>; rel=\"next\""],
        },
        new("The catalog minds no parameter that it does not know", "GET /v2/_catalog?x=y", 200) { Body = Everything },

        new("A negative n is refused by the catalog", "GET /v2/_catalog?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
        new("An n with a sign is refused by the catalog", "GET /v2/_catalog?n=%2B1", 400, "PAGINATION_NUMBER_INVALID"),
        new("An n in hexadecimal is refused by the catalog", "GET /v2/_catalog?n=0x1", 400, "PAGINATION_NUMBER_INVALID"),
        new("An n in digits of another script is refused by the catalog", "GET /v2/_catalog?n=%EF%BC%91", 400, "PAGINATION_NUMBER_INVALID"),
        new("Of two numbers the catalog takes the first", "GET /v2/_catalog?n=1&n=2", 200) { Says = ["Link: </v2/_catalog?n=1&last=app>; rel=\"next\""] },
        new("Of two places the catalog takes the first", "GET /v2/_catalog?last=bare&last=app", 200) { Body = """{"repositories":["base"]}""" },
        new("Of two numbers the first is to be one", "GET /v2/_catalog?n=x&n=2", 400, "PAGINATION_NUMBER_INVALID"),
        new("A header in Latin-1 does no harm", "GET /v2/_catalog", 200) { With = ["X-Forwarded-User: J\u00f6rg"], Body = Everything },
        new("A last name with a NUL is refused by the catalog", "GET /v2/_catalog?last=a%00", 400, "UNSUPPORTED"),
        new("A last name beyond all names is refused by the catalog", "GET /v2/_catalog?last={long 2000}", 400, "UNSUPPORTED"),

        new("The catalog has no HEAD", "HEAD /v2/_catalog", 405),
        new("The catalog takes no POST", "POST /v2/_catalog", 405, "UNSUPPORTED"),
        new("The catalog cannot be deleted", "DELETE /v2/_catalog", 405, "UNSUPPORTED"),
        new("A slash after the catalog is another path", "GET /v2/_catalog/", 404, "NAME_UNKNOWN"),
    ];
}
