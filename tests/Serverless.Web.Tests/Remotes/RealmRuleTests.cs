using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>Whom the password may go to, and where a registry is.</summary>
public sealed class RealmRuleTests
{
    private static readonly OutboundSettings s_outbound = new(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "plain.example", "auth.plain.example" });

    [Theory]
    [InlineData("registry.example", "https://registry.example/token", true)]
    [InlineData("registry.example", "https://REGISTRY.example:8443/token", true)]
    [InlineData("registry.example", "https://auth.registry.example/token", false)]
    [InlineData("registry.example", "https://registry.example.evil.example/token", false)]
    [InlineData("registry.team.example", "https://auth.team.example/token", false)]
    [InlineData("a.azurecr.io", "https://b.azurecr.io/token", false)]
    [InlineData("registry.example", "https://Trusted.example/token", true)]
    [InlineData("registry.example", "https://a.trusted.example/token", false)]
    [InlineData("docker.io", "https://auth.docker.io/token", true)]
    [InlineData("docker.io", "https://auth.docker.io:8443/token", false)]
    [InlineData("registry.example", "https://auth.docker.io/token", false)]
    [InlineData("docker.io:5000", "https://auth.docker.io/token", false)]
    [InlineData("http://plain.example", "http://plain.example/token", true)]
    [InlineData("http://plain.example", "http://auth.plain.example/token", false)]
    public void The_password_goes_to_the_registry_and_to_hosts_that_were_named(string registry, string realm, bool mayHave)
    {
        var rule = new RealmRule(RemoteAddress.Parse(registry, s_outbound), ["trusted.EXAMPLE"], s_outbound);
        Assert.Equal(new Uri(realm), rule.Check(realm, withPassword: false));
        if (mayHave)
        {
            Assert.Equal(new Uri(realm), rule.Check(realm, withPassword: true));
            return;
        }

        var message = Assert.Throws<ImageSourceException>(() => rule.Check(realm, withPassword: true)).Message;
        Assert.Contains(new Uri(realm).Host, message, StringComparison.Ordinal);
        Assert.Contains("TrustedRealms", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registry.example", "http://registry.example/token")]
    [InlineData("plain.example", "http://plain.example/token")]
    [InlineData("http://plain.example", "http://other.example/token")]
    [InlineData("registry.example", "https://user:secret@registry.example/token")]
    [InlineData("registry.example", "ftp://registry.example/token")]
    [InlineData("registry.example", "/token")]
    [InlineData("registry.example", "")]
    [InlineData("registry.example", null)]
    public void Other_realms_are_not_asked_at_all(string registry, string? realm)
    {
        var rule = new RealmRule(RemoteAddress.Parse(registry, s_outbound), ["registry.example", "other.example"], s_outbound);
        foreach (var withPassword in (bool[])[false, true]) Assert.DoesNotContain("secret", Assert.Throws<ImageSourceException>(() => rule.Check(realm, withPassword)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker.io", "https://registry-1.docker.io/")]
    [InlineData("https://index.docker.io", "https://registry-1.docker.io/")]
    [InlineData("registry-1.docker.io/", "https://registry-1.docker.io/")]
    [InlineData("http://Docker.io:80", "https://registry-1.docker.io/")]
    [InlineData("registry.example:5000", "https://registry.example:5000/")]
    [InlineData("http://plain.example:5000", "http://plain.example:5000/")]
    [InlineData("[2606:4700::1111]:5000", "https://[2606:4700::1111]:5000/")]
    public void An_address_is_read(string text, string expected) => Assert.Equal(new Uri(expected), RemoteAddress.Parse(text, s_outbound).Root);

    [Theory]
    [InlineData("http://registry.example")]
    [InlineData("ftp://registry.example")]
    [InlineData("https://user:secret@registry.example")]
    [InlineData("registry.example/secret")]
    [InlineData("registry.example?secret")]
    [InlineData("registry.example#secret")]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("a b")]
    public void What_is_no_address_of_a_registry_is_refused(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<ImageSourceException>(() => RemoteAddress.Parse(text, s_outbound)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("docker.io", "alpine", "library/alpine")]
    [InlineData("docker.io", "team/app", "team/app")]
    [InlineData("registry.example", "alpine", "alpine")]
    public void Docker_Hub_has_short_names(string registry, string name, string expected) =>
        Assert.Equal(expected, RemoteAddress.Parse(registry, s_outbound).NameOf(RepositoryName.Parse(name)).ToString());

    [Theory]
    [InlineData("repository:x/y:pull", "repository:x/y:pull")]
    [InlineData("repository:x/y:metadata_read", "repository:x/y:metadata_read")]
    [InlineData("repository:x/y:pull,push", "repository:a/b:pull")]
    [InlineData("repository:x/y:pull repository:z:*", "repository:a/b:pull")]
    [InlineData("nonsense", "repository:a/b:pull")]
    [InlineData("", "repository:a/b:pull")]
    public void No_token_is_asked_for_that_allows_more_than_reading(string scope, string expected) =>
        Assert.Equal(expected, TokenScope.Of(Challenge.ParseAll([$"Bearer realm=\"r\",scope=\"{scope}\""]).Single(), RepositoryName.Parse("a/b"), isPush: false).Scope);

    [Theory]
    [InlineData("https://a.example/x", "/y?z", "https://a.example/y?z")]
    [InlineData("https://a.example/x", "//b.example/y", "https://b.example/y")]
    [InlineData("http://a.example/x", "https://b.example/y", "https://b.example/y")]
    [InlineData("http://a.example/x", "http://b.example/y", "http://b.example/y")]
    [InlineData("https://a.example/x", "http://a.example/y", null)]
    [InlineData("https://a.example/x", "ftp://a.example/y", null)]
    [InlineData("https://a.example/x", "file:///etc/passwd", null)]
    [InlineData("https://a.example/x", null, null)]
    public void A_redirect_never_leads_from_https_to_http(string from, string? location, string? expected)
    {
        var target = location is null ? null : new Uri(location, location.StartsWith('/') ? UriKind.Relative : UriKind.Absolute);
        if (expected is null) Assert.Throws<ImageSourceException>(() => RemoteClient.Resolve(new Uri(from), target));
        else Assert.Equal(new Uri(expected), RemoteClient.Resolve(new Uri(from), target));
    }

    [Fact]
    public void Credentials_do_not_show_themselves()
    {
        var options = new RemoteOptions { Address = "registry.example", Credentials = RemoteCredentials.OfUser("alice", "very secret") };
        Assert.DoesNotContain("very", $"{options} {options.Credentials}", StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RemoteCredentials.OfUser("a:b", "c"));
        Assert.Throws<ArgumentException>(() => RemoteCredentials.OfToken("a\r\nb"));
    }
}
