using Xunit;

namespace Serverless.Server.Tests.Listening;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("/v2/")]
    [InlineData("/")]
    [InlineData("/nowhere")]
    [InlineData("/v2/app/manifests/none")]
    [InlineData("/metrics")]
    public async Task Every_answer_has_them(string path)
    {
        await using var server = await ListeningServer.StartAsync(
            "Http:Addresses:0=http://127.0.0.1:0", "Http:Headers:Strict-Transport-Security=max-age=31536000; includeSubDomains", "Http:Headers:X-Content-Type-Options=nosniff");
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(server.Addresses[0], path));
        Assert.Equal("max-age=31536000; includeSubDomains", answer.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task What_the_registry_says_itself_is_not_replaced()
    {
        await using var server = await ListeningServer.StartAsync(
            "Http:Addresses:0=http://127.0.0.1:0", "Http:Headers:docker-distribution-api-version=none", "Http:Headers:Content-Type=text/html");
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(server.Addresses[0], "/v2/"));
        Assert.Equal("registry/2.0", answer.Headers.GetValues("Docker-Distribution-API-Version").Single());
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }
}
