using System.Text.Json;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class FederationRuleTests
{
    [Theory]
    [InlineData("42", "\"42\"", true)]
    [InlineData("42", "42", true)]
    [InlineData("42", "420", false)]
    [InlineData("42", "\"420\"", false)]
    [InlineData("refs/tags/*", "\"refs/tags/v1/x\"", true)]
    [InlineData("refs/tags/*", "\"x/refs/tags/v1\"", false)]
    [InlineData("refs/tags/v?", "\"refs/tags/v1\"", true)]
    [InlineData("refs/tags/v?", "\"refs/tags/v12\"", false)]
    [InlineData("Org", "\"org\"", false)]
    [InlineData("true", "true", true)]
    [InlineData("true", "false", false)]
    [InlineData("null", "null", false)]
    [InlineData("*", "{}", false)]
    [InlineData("admins", "[\"users\",\"admins\"]", true)]
    [InlineData("admins", "[\"users\"]", false)]
    [InlineData("admins", "[]", false)]
    [InlineData("admins", "[[\"admins\"]]", false)]
    [InlineData("", "\"\"", false)]
    [InlineData("", "\"x\"", false)]
    public void A_claim_fits_a_pattern_or_does_not(string pattern, string value, bool fits)
    {
        using var token = JsonDocument.Parse($"{{\"claim\":{value}}}");
        Assert.Equal(fits, new FederationRule(new Dictionary<string, string> { ["claim"] = pattern }, ["x"]).Matches(token.RootElement));
    }

    [Fact]
    public void All_claims_must_be_there_and_fit()
    {
        var rule = new FederationRule(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, ["x"]);
        foreach (var (json, fits) in ((string, bool)[])[("""{"a":"1","b":"2","c":"3"}""", true), ("""{"a":"1"}""", false), ("""{"a":"1","b":"3"}""", false), ("""{"A":"1","b":"2"}""", false), ("{}", false)])
        {
            using var token = JsonDocument.Parse(json);
            Assert.Equal(fits, rule.Matches(token.RootElement));
        }
    }
}
