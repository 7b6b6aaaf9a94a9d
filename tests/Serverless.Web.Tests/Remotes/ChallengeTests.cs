using Serverless.Web.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData("""Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push" """, "Bearer realm=https://auth.example/token service=registry.example scope=repository:a/b:pull,push")]
    [InlineData("""bearer  REALM = "https://auth.example/token" , Service="x" """, "bearer REALM=https://auth.example/token Service=x")]
    [InlineData("Bearer realm=https://auth.example/token?a=b,service=x", "Bearer realm=https://auth.example/token?a=b service=x")]
    [InlineData("""Basic realm="a \"quoted\", text\\", Bearer realm="r" """, """Basic realm=a "quoted", text\|Bearer realm=r""")]
    [InlineData("""Negotiate, Basic realm="x", Bearer realm="r",scope="s" """, "Negotiate|Basic realm=x|Bearer realm=r scope=s")]
    [InlineData("""Negotiate YWJj==, Bearer realm="r" """, "Negotiate YWJj==|Bearer realm=r")]
    [InlineData("""Bearer realm="first",realm="second" """, "Bearer realm=first")]
    [InlineData("""Bearer realm="not closed, service=x""", "Bearer realm=not closed, service=x")]
    [InlineData("""Bearer realm="ends in a \""", """Bearer realm=ends in a \""")]
    [InlineData("Bearer", "Bearer")]
    [InlineData("Bearer realm=", "Bearer realm=")]
    [InlineData("realm=\"of nobody\"", "")]
    [InlineData(", ,,;=\"\" \" \u0001", "")]
    [InlineData("", "")]
    public void Challenges_are_read_whatever_they_look_like(string header, string expected)
    {
        var challenges = Challenge.ParseAll([header]).Select(c => string.Join(' ', c.Parameters.Select(p => $"{p.Key}={p.Value}").Prepend(c.Scheme)));
        Assert.Equal(expected, string.Join('|', challenges));
    }

    [Fact]
    public void Several_headers_are_several_challenges_and_names_are_in_any_case()
    {
        var challenges = Challenge.ParseAll(["Basic realm=\"a\"", "BEARER Realm=\"b\""]);
        Assert.Equal(["Basic", "BEARER"], challenges.Select(c => c.Scheme));
        Assert.True(challenges[1].Is("Bearer"));
        Assert.Equal("b", challenges[1].Find("realm"));
        Assert.Null(challenges[1].Find("service"));
    }

    [Theory]
    [InlineData("</v2/a/tags/list?last=b&n=1>; rel=\"next\"", "/v2/a/tags/list?last=b&n=1")]
    [InlineData("</p>; rel=prev, </n,1>;title=\"a, b\" ; REL = \"first next\"", "/n,1")]
    [InlineData("<https://other.example/>; rel=next; type=x", "https://other.example/")]
    [InlineData("</a>; rel=\"nextish\"", null)]
    [InlineData("</a>; title=\"rel=next\"", null)]
    [InlineData("</a>; title=\"; rel=next\"", null)]
    [InlineData("</a>; rel; title=next, </b>; crossorigin; rel=next", "/b")]
    [InlineData("</a>", null)]
    [InlineData("rel=next", null)]
    [InlineData("<<<;;; rel=", null)]
    public void The_next_page_is_found_in_a_Link_header(string header, string? expected) => Assert.Equal(expected, LinkHeader.FindNext([header]));
}
