using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Serverless.Server.Listening;
using Xunit;

namespace Serverless.Server.Tests.Listening;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Clients_get_the_certificate_of_the_file_and_HTTP_2()
    {
        await using var server = await ListeningServer.StartAsync(_certificates.Settings);
        using var client = NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Addresses[0], "/v2/")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        using var answer = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
        using var older = await client.GetAsync(new Uri(server.Addresses[0], "/v2/"));
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (older.StatusCode, older.Version));
        Assert.Equal(await ThumbprintOfFileAsync(), await _certificates.ThumbprintAsync(server.Addresses[0]));
        Assert.Contains("url_scheme=\"https\"", await client.GetStringAsync(new Uri(server.Addresses[0], "/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_certificate_is_taken_without_a_restart_and_half_of_one_is_not()
    {
        var time = new FakeTimeProvider();
        await using var server = await ListeningServer.StartAsync(time, _certificates.Settings);
        var old = await _certificates.ThumbprintAsync(server.Addresses[0]);
        using var next = _certificates.NewServer();
        await File.WriteAllTextAsync(_certificates.Key, TestCertificates.PrivateKey(next));
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TlsReload.Interval);
            await Task.Delay(50);
            Assert.Equal(old, await _certificates.ThumbprintAsync(server.Addresses[0]));
        }

        await File.WriteAllTextAsync(_certificates.Certificate, next.ExportCertificatePem());
        for (var i = 0; i < 100 && await _certificates.ThumbprintAsync(server.Addresses[0]) == old; i++)
        {
            time.Advance(TlsReload.Interval);
            await Task.Delay(50);
        }

        Assert.Equal(next.Thumbprint, await _certificates.ThumbprintAsync(server.Addresses[0]));
    }

    [Theory]
    [InlineData("1.2", SslProtocols.Tls12, true)]
    [InlineData("1.2", SslProtocols.Tls13, true)]
    [InlineData("1.3", SslProtocols.Tls12, false)]
    [InlineData("1.3", SslProtocols.Tls13, true)]
    public async Task Older_versions_than_the_least_are_refused(string least, SslProtocols spoken, bool isServed)
    {
        await using var server = await ListeningServer.StartAsync([.. _certificates.Settings, $"Http:Tls:MinimumVersion={least}"]);
        using var client = NewClient(protocols: spoken);
        Assert.Equal(isServed, await IsServedAsync(client, server));
    }

    [Fact]
    public async Task Clients_must_show_a_certificate_of_the_roots_where_roots_are_set()
    {
        await using var server = await ListeningServer.StartAsync([.. _certificates.Settings, $"Http:Tls:ClientCAs:0={_certificates.Roots}"]);
        using var right = _certificates.NewClient();
        using var wrong = _certificates.NewClient(stranger: true);
        using var forServers = _certificates.NewServer();
        Assert.True(await IsServedAsync(right));
        Assert.False(await IsServedAsync(wrong));
        Assert.False(await IsServedAsync(forServers));
        Assert.False(await IsServedAsync(null));

        async Task<bool> IsServedAsync(X509Certificate2? certificate)
        {
            using var client = NewClient(certificate);
            return await TlsTests.IsServedAsync(client, server);
        }
    }

    private static async Task<bool> IsServedAsync(HttpClient client, ListeningServer server)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(server.Addresses[0], "/v2/"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private HttpClient NewClient(X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None) =>
        new(new SocketsHttpHandler { SslOptions = _certificates.Trust(certificate, protocols) });

    private async Task<string> ThumbprintOfFileAsync()
    {
        using var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(_certificates.Certificate));
        return certificate.Thumbprint;
    }
}
