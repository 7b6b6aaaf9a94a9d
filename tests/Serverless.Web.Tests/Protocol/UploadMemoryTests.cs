using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>A registry with memory for one block, which somebody holds who sends next to nothing.</summary>
public abstract class UploadMemoryTests(IStorageKind storage) : RegistryTest(storage)
{
    private const int Sent = 1000;
    private static readonly byte[] s_content = RegistryServer.RandomBytes(1 << 20);

    protected override string[] Settings => ["Uploads:Memory=1048576", "Uploads:BlockSize=1048576", "Manifests:MaxSize=65536"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunk_that_keeps_others_waiting_is_cut_off_and_goes_on_where_the_answer_says(bool chunked)
    {
        var location = await Registry.StartUploadAsync("app");
        using var slow = await BeginAsync("PATCH", location, chunked);
        var waiting = PutAsync();
        var answer = await CutOffAsync(slow);
        await ExpectAsync(waiting, HttpStatusCode.Created);
        Assert.Equal(429, answer.Status);
        Assert.Contains("TOOMANYREQUESTS", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", answer.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"\r\nRange: 0-{Sent - 1}\r\n", answer.Headers + "\r\n", StringComparison.OrdinalIgnoreCase);

        location = answer.Headers.Split("\r\nLocation: ", 2)[1].Split("\r\n", 2)[0];
        var rest = await ExpectAsync(
            Registry.SendAsync("PATCH", location, s_content[Sent..], null, RegistryServer.ChunkRange(Sent, s_content.Length - 1)), HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("PUT", $"{rest.Headers.Location}&digest={RegistryServer.DigestOf(s_content)}"), HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task A_whole_blob_that_keeps_others_waiting_is_cut_off_and_the_session_is_as_it_was(string method)
    {
        var digest = RegistryServer.DigestOf(s_content);
        var path = method == "PUT" ? $"{await Registry.StartUploadAsync("app")}&digest={digest}" : $"/v2/app/blobs/uploads/?digest={digest}";
        using var slow = await BeginAsync(method, path, chunked: false);
        var other = PutAsync();
        Assert.Equal(429, (await CutOffAsync(slow)).Status);
        await ExpectAsync(other, HttpStatusCode.Created);
        Assert.Equal(1, (await StoreAudit.ReadAsync(Registry.Stores)).AssertSound().ObjectCount);
        await ExpectAsync(Registry.SendAsync(method, path, s_content), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_manifest_that_keeps_others_waiting_is_cut_off()
    {
        using var slow = await BeginAsync("PUT", "/v2/app/manifests/v1", chunked: true);
        using var other = await BeginAsync("PUT", "/v2/app/manifests/v2", chunked: true, wait: false);
        var waiting = PutAsync();
        Assert.Equal(429, (await CutOffAsync(slow)).Status);
        Assert.Equal(429, (await CutOffAsync(other)).Status);
        await ExpectAsync(waiting, HttpStatusCode.Created);
    }

    // Larger than a block, so it needs all there is.
    private Task<HttpResponseMessage> PutAsync()
    {
        var content = RegistryServer.RandomBytes((1 << 20) + 10);
        return Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={RegistryServer.DigestOf(content)}", content);
    }

    private async Task<TcpClient> BeginAsync(string method, string path, bool chunked, bool wait = true)
    {
        var client = new TcpClient();
        var address = Registry.Client.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {s_content.Length}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{length}\r\n\r\n"));
        if (chunked) await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Sent:x}\r\n"));
        await stream.WriteAsync(s_content.AsMemory(0, Sent));
        if (chunked) await stream.WriteAsync("\r\n"u8.ToArray());
        if (wait) await Task.Delay(1000);
        return client;
    }

    // The clock is moved by hand; the look at who is slow comes every second.
    private async Task<Hostile.RawAnswer> CutOffAsync(TcpClient client)
    {
        var reading = ReadAsync(client.GetStream());
        for (var i = 0; i < 60 && !reading.IsCompleted; i++)
        {
            await Task.WhenAny(reading, Task.Delay(1000));
            Time.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.True(reading.IsCompleted, "It was not cut off.");
        return Hostile.RawAnswer.Parse(await reading);
    }

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        while (!answer.ToString().Contains("}]}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0) break;
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }
}

public sealed class UploadMemoryTestsInMemory(InMemoryStorage storage) : UploadMemoryTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class UploadMemoryTestsOnAzurite(AzuriteStorage storage) : UploadMemoryTests(storage);
