using Microsoft.Extensions.Configuration;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Settings;

public sealed class MirrorSettingsTests
{
    [Fact]
    public void A_mirror_of_Docker_Hub_needs_two_settings()
    {
        var mirror = Assert.Single(Read("Mirror:Hub:Prefix=docker-hub/", "Mirror:Hub:Remote=https://registry-1.docker.io").Mirrors);
        Assert.Equal(("hub", "docker-hub/", TimeSpan.FromHours(1), true, TimeSpan.FromDays(7)), (mirror.Rule.Name, mirror.Rule.Prefix, mirror.Rule.TagLifetime, mirror.Rule.StaleIfDown, mirror.Rule.KeptFor));
        Assert.Contains("docker.io", mirror.Namespaces);
        Assert.Equal("docker-hub/*", Read("Mirror:Hub:Prefix=docker-hub", "Mirror:Hub:Remote=https://registry-1.docker.io").Maintenance.Retention[0].Repositories);
    }

    [Theory]
    [InlineData("Mirror:a:Prefix", "Mirror:a:Remote=https://a.example")]
    [InlineData("Mirror:a:Prefix", "Mirror:a:Remote=https://a.example", "Mirror:a:Prefix=Upper/")]
    [InlineData("Mirror:a:Remote", "Mirror:a:Prefix=a/")]
    [InlineData("Mirror:a:Remote", "Mirror:a:Prefix=a/", "Mirror:a:Remote=http://a.example")]
    [InlineData("Mirror:a:Remote", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example/v2/")]
    [InlineData("Mirror:a:Password", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:User=x")]
    [InlineData("Mirror:a:Token", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:User=x", "Mirror:a:Password=y", "Mirror:a:Token=z")]
    [InlineData("Mirror:a:Token", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:Token=with space")]
    [InlineData("Mirror:a:Ttl", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:Ttl=3600")]
    [InlineData("Mirror:a:Timeout", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:Timeout=00:02:00")]
    [InlineData("Mirror:a:Hosts:0", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:Hosts:0=a.example:443")]
    [InlineData("Mirror:a:Tags:0", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:Tags:0=a/b")]
    [InlineData("Mirror must keep", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:KeptFor=23:00:00")]
    [InlineData("Mirror must keep", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:a:KeptFor=2.00:00:00", "GarbageCollection:Grace=3.00:00:00")]
    [InlineData("Mirror must have prefixes", "Mirror:a:Prefix=a/", "Mirror:a:Remote=https://a.example", "Mirror:b:Prefix=a/b/", "Mirror:b:Remote=https://b.example")]
    [InlineData("Mirror:a_b", "Mirror:a_b:Prefix=a/", "Mirror:a_b:Remote=https://a.example")]
    public void What_makes_no_sense_is_named(string problem, params string[] settings)
    {
        var refused = Assert.Throws<SettingsException>(() => Read(settings));
        Assert.Contains(refused.Problems, p => p.StartsWith("Registry:" + problem, StringComparison.Ordinal));
        Assert.DoesNotContain(refused.Problems, p => p.Contains("with space", StringComparison.Ordinal));
    }

    private static RegistrySettings Read(params string[] settings) => RegistrySettings.Read(new SettingsReader(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Append("Storage:InMemory=true").Select(s => KeyValuePair.Create("Registry:" + s.Split('=', 2)[0], (string?)s.Split('=', 2)[1]))).Build()));
}
