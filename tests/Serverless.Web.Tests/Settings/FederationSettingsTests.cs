using Microsoft.Extensions.Configuration;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Settings;

/// <summary>Rules for the accounts of others, which must let in somebody in particular.</summary>
public sealed class FederationSettingsTests
{
    private const string GitHub = "https://token.actions.githubusercontent.com";

    [Theory]
    [InlineData("https://issuer.example")]
    [InlineData("https://issuer.example", "iss=https://issuer.example")]
    [InlineData("https://issuer.example", "aud=registry")]
    [InlineData("https://issuer.example", "iss=https://issuer.example", "aud=registry", "exp=*", "nbf=1", "iat=2", "jti=3")]
    [InlineData("https://issuer.example", "sub=*")]
    [InlineData("https://issuer.example", "sub=**", "groups=?*", "iss=https://issuer.example")]
    [InlineData("https://issuer.example", "sub=")]
    [InlineData("https://issuer.example", "ISS=https://issuer.example", "AUD=registry")]
    [InlineData("https://login.microsoftonline.com/5b5e8a1c-0000-0000-0000-000000000000/v2.0", "tid=5b5e8a1c-0000-0000-0000-000000000000", "ver=2.0")]
    public void A_rule_that_lets_in_every_account_of_an_issuer_is_refused_at_start(string issuer, params string[] claims)
    {
        var problem = Assert.Single(Problems(issuer, claims));
        Assert.StartsWith("Registry:Auth:Federation:x:Rules:0:Claims lets in every account of " + issuer, problem, StringComparison.Ordinal);
        Assert.Contains("name a claim that says whose a token is, such as sub", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://issuer.example", "sub=alice")]
    [InlineData("https://issuer.example", "sub=team-*", "aud=*")]
    [InlineData("https://issuer.example", "groups=admins", "sub=*")]
    [InlineData("https://login.microsoftonline.com/5b5e8a1c-0000-0000-0000-000000000000/v2.0", "tid=5b5e8a1c-0000-0000-0000-000000000000", "roles=Push")]
    [InlineData("https://gitlab.example", "ref_protected=true")]
    public void A_rule_that_names_somebody_is_taken(string issuer, params string[] claims) => Assert.Empty(Problems(issuer, claims));

    [Theory]
    [InlineData("ref=refs/heads/main")]
    [InlineData("ref=refs/heads/main", "environment=production", "actor=alice", "event_name=push")]
    [InlineData("job_workflow_ref=octo/workflows/.github/workflows/build.yml@refs/heads/main")]
    [InlineData("repository_visibility=private")]
    [InlineData("repository=*/app")]
    [InlineData("repository=octo*")]
    [InlineData("repository=octo*/app")]
    [InlineData("repository=oct?/app")]
    [InlineData("repository=octo")]
    [InlineData("repository_owner=octo*")]
    [InlineData("repository_owner_id=12?")]
    [InlineData("repository_id=12*")]
    [InlineData("sub=repo:*:ref:refs/heads/main")]
    [InlineData("sub=repo:octo*")]
    [InlineData("sub=repo:oct?/app:*")]
    [InlineData("sub=*repo:octo/app:*")]
    [InlineData("sub=*:environment:production")]
    [InlineData("sub=environment:production")]
    [InlineData("sub=repository_id:1*")]
    public void A_rule_for_GitHub_that_names_no_owner_is_refused_at_start(params string[] claims)
    {
        foreach (var issuer in (string[])[GitHub, GitHub + "/octo-enterprise", "https://token.actions.octo.ghe.com", "https://ghes.example/_services/token", "https://ghes.example/_services/token/"])
        {
            var problem = Assert.Single(Problems(issuer, claims));
            Assert.StartsWith("Registry:Auth:Federation:x:Rules:0:Claims lets in repositories of any owner on GitHub: name repository_id", problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("repository_id=123456789")]
    [InlineData("repository_owner_id=42", "ref=refs/heads/*")]
    [InlineData("repository_owner=octo")]
    [InlineData("repository=octo/app")]
    [InlineData("repository=octo/*")]
    [InlineData("sub=repo:octo/*")]
    [InlineData("sub=repo:octo/app:environment:production")]
    [InlineData("sub=repo:octo@12/app@34:ref:refs/heads/main")]
    [InlineData("sub=repository_owner_id:42:*")]
    [InlineData("sub=repository_id:42")]
    [InlineData("repository=*", "sub=repo:octo/app:*")]
    public void A_rule_for_GitHub_that_names_an_owner_or_a_repository_is_taken(params string[] claims) => Assert.Empty(Problems(GitHub, claims));

    [Theory]
    [InlineData(false, "ref_protected=true")]
    [InlineData(false, "project_path=*/app")]
    [InlineData(false, "namespace_path=group*")]
    [InlineData(false, "sub=project_path:*:ref_type:branch:ref:main")]
    [InlineData(true, "project_id=1")]
    [InlineData(true, "namespace_path=group")]
    [InlineData(true, "namespace_path=group/*")]
    [InlineData(true, "project_path=group/*")]
    [InlineData(true, "sub=project_path:group/app:*")]
    public void A_rule_for_the_GitLab_of_everybody_must_name_an_owner(bool isTaken, params string[] claims) =>
        Assert.Equal(isTaken ? 0 : 1, Problems("https://gitlab.com", claims).Count);

    [Fact]
    public void Each_rule_is_named_that_is_bad()
    {
        var problems = Problems("https://issuer.example", ["sub=alice"], "Rules:1:Claims:sub=*", "Rules:1:Scopes:0=ci", "Rules:2:Claims:sub=bob");
        Assert.Equal(2, problems.Count);
        Assert.StartsWith("Registry:Auth:Federation:x:Rules:1:Claims lets in", problems[0], StringComparison.Ordinal);
        Assert.Equal("Registry:Auth:Federation:x:Rules:2:Scopes must name a scope map.", problems[1]);
    }

    [Theory]
    [InlineData(false, "http://issuer.example")]
    [InlineData(false, "http://127.0.0.1:5001")]
    [InlineData(false, "http://localhost")]
    [InlineData(false, "http://other.issuer.example", "Outbound:Allow:0=issuer.example")]
    [InlineData(true, "http://issuer.example", "Outbound:Allow:0=ISSUER.example")]
    [InlineData(true, "http://127.0.0.1:5001", "Outbound:Allow:0=127.0.0.1")]
    [InlineData(true, "http://[::1]:5001", "Outbound:Allow:0=[::1]")]
    [InlineData(true, "https://issuer.example")]
    public void An_issuer_speaks_https_unless_its_host_is_allowed(bool isTaken, string issuer, params string[] more)
    {
        var problems = Problems(issuer, ["sub=alice"], more);
        if (isTaken) Assert.Empty(problems);
        else Assert.Equal("Registry:Auth:Federation:x:Issuer must be an https URL, or Registry:Outbound:Allow must name its host.", Assert.Single(problems));
    }

    [Theory]
    [InlineData("https://issuer.example")]
    [InlineData("*.example")]
    [InlineData("issuer.example:8080")]
    [InlineData("10.0.0.0/8")]
    public void What_is_no_host_cannot_be_allowed(string host) =>
        Assert.Contains("the name or address of a host", Assert.Single(Problems("https://issuer.example", ["sub=alice"], "Outbound:Allow:0=" + host)), StringComparison.Ordinal);

    private static IReadOnlyList<string> Problems(string issuer, string[] claims, params string[] more)
    {
        const string Key = "Auth:Federation:x:";
        string[] settings =
        [
            $"{Key}Issuer={issuer}", $"{Key}Audience=registry", $"{Key}Rules:0:Scopes:0=ci", .. claims.Select(c => $"{Key}Rules:0:Claims:{c}"),
            .. more.Select(m => m.StartsWith("Rules:", StringComparison.Ordinal) ? Key + m : m),
        ];
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => s.Split('=', 2)).Select(p => KeyValuePair.Create("Registry:" + p[0], (string?)p[1]))).Build();
        try
        {
            RegistrySettings.Read(new SettingsReader(configuration));
            return [];
        }
        catch (SettingsException e)
        {
            return e.Problems;
        }
    }
}
