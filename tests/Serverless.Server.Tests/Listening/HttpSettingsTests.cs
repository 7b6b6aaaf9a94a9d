using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Server.Tests.Listening;

/// <summary>What is said of settings below <c>Http</c> that cannot be worked with.</summary>
public sealed class HttpSettingsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("Http:Addresses:0=registry:5000", "Registry:Http:Addresses:0 must be an http or https address")]
    [InlineData("Http:Addresses:0=ftp://127.0.0.1:21", "must be an http or https address")]
    [InlineData("Http:Addresses:0=http://registry.example:5000", "whose host is an IP address, localhost or * for all")]
    [InlineData("Http:Addresses:0=http://127.0.0.1:5000/registry", "without a path")]
    [InlineData("Http:Addresses:0=http://localhost:0", "must be an http or https address")]
    [InlineData("--urls=nowhere", "Registry:Http:Addresses gets an address from urls, but each must be")]
    [InlineData("--urls=https://127.0.0.1:0", "Registry:Http:Tls:Certificate and Http:Tls:Key must name PEM files, because https://127.0.0.1:0 is an address of https.")]
    [InlineData("Http:H2c=yes", "must be true or false")]
    [InlineData("Http:Tls:MinimumVersion=1.1", "must be 1.2 or 1.3")]
    [InlineData("Http:Tls:Certificate=/somewhere", "Registry:Http:Tls:Key must name the file")]
    [InlineData("Http:Tls:Key=/somewhere", "Registry:Http:Tls:Certificate must name the file")]
    [InlineData("Http:Tls:ClientCAs:0=/somewhere", "without Http:Tls:Certificate and Http:Tls:Key")]
    [InlineData("Http:Headers:Content-Length=1", "the server decides on this header")]
    [InlineData("Http:Headers:X Y=1", "a name that is no header's")]
    [InlineData("Http:Headers:X-Y=a\nb", "must be printable ASCII")]
    public void A_bad_value_is_named_with_what_would_be_right(string setting, string expected) => AssertProblem(expected, setting);

    [Fact]
    public void A_file_that_cannot_be_used_is_named_with_its_setting()
    {
        var noPem = _certificates.Write("no.pem", "no PEM");
        using var other = _certificates.NewServer();
        var otherKey = _certificates.Write("other.key", TestCertificates.PrivateKey(other));
        var noRoot = _certificates.Write("leaf.pem", other.ExportCertificatePem());
        AssertProblem("Registry:Http:Tls:Certificate names a file that is not there", [.. _certificates.Settings, "Http:Tls:Certificate=/nowhere/a.pem"]);
        AssertProblem("Registry:Http:Tls:Certificate must be a PEM file of certificates.", [.. _certificates.Settings, $"Http:Tls:Certificate={noPem}"]);
        AssertProblem("Registry:Http:Tls:Key must be a PEM file with the private key", [.. _certificates.Settings, $"Http:Tls:Key={noPem}"]);
        AssertProblem("Registry:Http:Tls:Key must be a PEM file with the private key", [.. _certificates.Settings, $"Http:Tls:Key={otherKey}"]);
        AssertProblem("Registry:Http:Tls:ClientCAs:0 names", [.. _certificates.Settings, "Http:Tls:ClientCAs:0=/nowhere"]);
        AssertProblem("that holds no root", [.. _certificates.Settings, $"Http:Tls:ClientCAs:0={noRoot}"]);
        AssertProblem("no address begins with https", [.. _certificates.Settings, "Http:Addresses:0=http://127.0.0.1:0"]);
    }

    [Fact]
    public void They_are_listed_with_the_problems_of_the_registry()
    {
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create(ListeningServer.Arguments("Http:H2c=x", "Redirect:Enabled=x")));
        Assert.Equal(2, e.Problems.Count);
    }

    private static void AssertProblem(string expected, params string[] settings)
    {
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create(ListeningServer.Arguments(settings)));
        Assert.Contains(expected, Assert.Single(e.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Problems[0]);
    }
}
