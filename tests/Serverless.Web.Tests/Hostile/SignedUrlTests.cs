using System.Net;
using System.Web;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>What the signed URL of a download is good for beyond that download: nothing. Azurite checks signatures as the service does.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class SignedUrlTests(AzuriteStorage storage) : RegistryTest(storage)
{
    private static readonly byte[] s_content = RegistryServer.RandomBytes(100);

    [Fact]
    public async Task It_says_one_blob_reading_and_minutes()
    {
        var url = await SignAsync("team/secret-project", s_content);
        var query = HttpUtility.ParseQueryString(url.Query);
        Assert.Equal(("r", "b"), (query["sp"], query["sr"]));
        // A start time would shut out clients of a storage whose clock is behind.
        Assert.Null(query["st"]);
        var expires = DateTimeOffset.Parse(query["se"]!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(expires - Time.GetUtcNow(), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(7));
        Assert.DoesNotContain("secret", url.AbsoluteUri, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Storage_refuses_it_for_anything_else()
    {
        var (url, other) = (await SignAsync("app", s_content), await SignAsync("app", RegistryServer.RandomBytes(100)));
        using var client = new HttpClient();
        using var body = new ByteArrayContent([1]);
        body.Headers.Add("x-ms-blob-type", "BlockBlob");
        await AssertRefusedAsync(client.PutAsync(url, body));
        await AssertRefusedAsync(client.DeleteAsync(url));
        await AssertRefusedAsync(client.PutAsync(new Uri(url.AbsoluteUri + "&comp=metadata"), null));
        await AssertRefusedAsync(client.GetAsync(new UriBuilder(url) { Path = other.AbsolutePath }.Uri));
        var container = url.AbsolutePath[..url.AbsolutePath.IndexOf('/', url.AbsolutePath.IndexOf('/', 1) + 1)];
        await AssertRefusedAsync(client.GetAsync(new Uri(new UriBuilder(url) { Path = container }.Uri.AbsoluteUri + "&restype=container&comp=list")));
        await AssertRefusedAsync(client.GetAsync(new Uri(url.AbsoluteUri.Replace("sp=r", "sp=rwd", StringComparison.Ordinal))));
        await AssertRefusedAsync(client.GetAsync(new Uri(url.GetLeftPart(UriPartial.Path))));
        Assert.Equal(s_content, await client.GetByteArrayAsync(url));
    }

    [Fact]
    public async Task What_storage_knows_of_a_blob_names_no_repository()
    {
        var url = await SignAsync("team/secret-project", s_content);
        using var client = new HttpClient();
        using var answer = await client.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var headers = answer.Headers.Concat(answer.Content.Headers).Select(h => $"{h.Key}: {string.Join(' ', h.Value)}").ToList();
        Assert.DoesNotContain(headers, h => h.StartsWith("x-ms-meta", StringComparison.OrdinalIgnoreCase) || h.Contains("secret", StringComparison.OrdinalIgnoreCase));
        await foreach (var stored in Registry.Stores.Objects.ListAsync("", default)) Assert.DoesNotContain("secret", stored.Name, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Uri> SignAsync(string name, byte[] content)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", $"/v2/{name}/blobs/{await Registry.PushBlobAsync(name, content)}"), HttpStatusCode.TemporaryRedirect);
        return answer.Headers.Location!;
    }

    private static async Task AssertRefusedAsync(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Unauthorized, $"Storage answered {answer.StatusCode}.");
    }
}
