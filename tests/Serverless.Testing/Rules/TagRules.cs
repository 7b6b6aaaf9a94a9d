namespace Serverless.Testing.Rules;

/// <summary><c>GET /v2/NAME/tags/list</c></summary>
internal static class TagRules
{
    private const string Everything = """{"name":"app","tags":["docker","multi","v1","v2"]}""";

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("Tags are listed in ASCII order with the repository's name", "GET /v2/app/tags/list", 200)
        {
            Says = ["Content-Type: application/json"],
            Lacks = ["Link"],
            Body = Everything,
        },
        new("A page of tags links to the next one", "GET /v2/app/tags/list?n=2", 200)
        {
            Says = ["Link: </v2/app/tags/list?n=2&last=multi>; rel=\"next\""],
            Body = """{"name":"app","tags":["docker","multi"]}""",
        },
        new("The next page of tags begins after the last one and has no link when it is the end", "GET /v2/app/tags/list?n=2&last=multi", 200)
        {
            Lacks = ["Link"],
            Body = """{"name":"app","tags":["v1","v2"]}""",
        },
        new("The last tag of a page need not exist", "GET /v2/app/tags/list?last=n", 200) { Body = """{"name":"app","tags":["v1","v2"]}""" },
        new("The last tag of a page need not be a tag at all", "GET /v2/app/tags/list?last=%2Fv2%2F..%2F", 200) { Body = Everything },
        new("A last tag with a quote is a text like any other", "GET /v2/app/tags/list?last=v1'%20or%20'", 200) { Body = """{"name":"app","tags":["v2"]}""" },
        new("Behind the last tag there is nothing", "GET /v2/app/tags/list?last=v2", 200) { Lacks = ["Link"], Body = """{"name":"app","tags":[]}""" },
        new("No tags are none, and no link", "GET /v2/app/tags/list?n=0", 200) { Lacks = ["Link"], Body = """{"name":"app","tags":[]}""" },
        new("An n too large for a number takes all tags", "GET /v2/app/tags/list?n=99999999999999999999", 200) { Body = Everything },
        new("An n with zeros in front is that number", "GET /v2/app/tags/list?n=0004", 200) { Lacks = ["Link"], Body = Everything },
        new("An n above the maximum is the maximum of tags", "GET /v2/app/tags/list?n=100", 200)
        {
            Under = ["Tags:MaxEntries=3"],
            Says = ["Link: </v2/app/tags/list?n=3&last=v1>; rel=\"next\""],
            Body = """{"name":"app","tags":["docker","multi","v1"]}""",
        },
        new("Without n a page of tags is as long as it may be", "GET /v2/app/tags/list", 200)
        {
            Under = ["Tags:MaxEntries=3"],
            Says = ["Link: </v2/app/tags/list?n=3&last=v1>; rel=\"next\""],
        },
        new("The link of tags is below public URL and prefix", "GET /team/v2/app/tags/list?n=1", 200)
        {
            Under = ["PublicUrl=https://registry.example", "Prefix=/team"],
            Says = ["Link: <https://registry.example/team/v2/app/tags/list?n=1&last=docker>; rel=\"next\""],
        },

        new("A repository that has no tags has an empty list", "GET /v2/bare/tags/list", 200) { Lacks = ["Link"], Body = """{"name":"bare","tags":[]}""" },
        new("A repository that is not there has no list of tags", "GET /v2/none/tags/list", 404, "NAME_UNKNOWN"),
        new("A repository that is not there has not even an empty list", "GET /v2/none/tags/list?n=0", 404, "NAME_UNKNOWN"),
        new("What begins like a repository is not there", "GET /v2/ap/tags/list", 404, "NAME_UNKNOWN"),
        new("What is below a repository is not there", "GET /v2/app/app/tags/list", 404, "NAME_UNKNOWN"),
        new("A name in upper case has no tags", "GET /v2/App/tags/list", 400, "NAME_INVALID"),

        new("A negative n is refused for tags", "GET /v2/app/tags/list?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
        new("An n that is no number is refused for tags", "GET /v2/app/tags/list?n=all", 400, "PAGINATION_NUMBER_INVALID"),
        new("An n with a fraction is refused for tags", "GET /v2/app/tags/list?n=1.0", 400, "PAGINATION_NUMBER_INVALID"),
        new("A last tag with a line feed is refused", "GET /v2/app/tags/list?last=v1%0A", 400, "UNSUPPORTED"),
        new("A last tag that is not ASCII is refused", "GET /v2/app/tags/list?last=v%EF%BC%91", 400, "UNSUPPORTED"),
        new("A last tag beyond all tags is refused", "GET /v2/app/tags/list?last={long 2000}", 400, "UNSUPPORTED"),

        new("Tags have no HEAD", "HEAD /v2/app/tags/list", 405),
        new("Tags take no POST", "POST /v2/app/tags/list", 405, "UNSUPPORTED"),
        new("Tags are not deleted by their list", "DELETE /v2/app/tags/list", 405, "UNSUPPORTED"),
        new("Tags have no other list", "GET /v2/app/tags/v1", 404, "NAME_UNKNOWN"),
    ];
}
