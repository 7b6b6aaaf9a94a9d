using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Clients that go away in the middle of a body.</summary>
public abstract class BrokenConnectionTests(IStorageKind storage) : RegistryTest(storage)
{
    private const int Sent = 150_000;
    private static readonly byte[] s_content = RegistryServer.RandomBytes(400_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunk_that_breaks_off_is_kept_as_far_as_it_came_and_can_be_continued(bool chunked)
    {
        // How much the server has read when the end comes is not ours to say. Whatever it was, the status must be exact and the digest right in the
        // end; and with a pause in the middle of the body at least the first half must have been kept.
        foreach (var pause in (int[])[100, 1000, 5000])
        {
            var location = await Registry.StartUploadAsync("app");
            await SendPartAsync("PATCH", location, chunked, pause);
            var (kept, end) = await ContinueAsync(location);
            Assert.InRange(kept, 0, Sent);
            await ExpectAsync(Registry.SendAsync("PUT", $"{end}&digest={RegistryServer.DigestOf(s_content)}"), HttpStatusCode.Created);
            if (kept >= Sent / 2) return;
        }

        Assert.Fail("Nothing of a broken chunk was kept.");
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task A_whole_blob_that_breaks_off_leaves_nothing(string method)
    {
        var digest = RegistryServer.DigestOf(s_content);
        var path = method == "PUT" ? $"{await Registry.StartUploadAsync("app")}&digest={digest}" : $"/v2/app/blobs/uploads/?digest={digest}";
        await SendPartAsync(method, path, chunked: false, pause: 100);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.NotFound);
        Assert.Equal(0, (await Testing.StoreAudit.ReadAsync(Registry.Stores)).AssertSound().ObjectCount);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={digest}", s_content), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_ended_and_what_came_is_kept()
    {
        await using var hasty = await StartAnotherAsync("Uploads:LongestRequest=00:00:05");
        var location = await Registry.StartUploadAsync("app");
        var server = hasty.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PATCH {location} HTTP/1.1\r\nHost: registry\r\nContent-Length: {s_content.Length}\r\n\r\n"));
        await stream.WriteAsync(s_content.AsMemory(0, Sent));
        Assert.True(await IsClosedAsync(stream), "The request goes on.");
        var (kept, end) = await ContinueAsync(location);
        // On a machine that is busy not all of it may have been read by then.
        Assert.InRange(kept, 1, Sent);
        await ExpectAsync(Registry.SendAsync("PUT", $"{end}&digest={RegistryServer.DigestOf(s_content)}"), HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task A_length_for_which_there_can_be_no_room_is_refused_before_it_comes(string method)
    {
        var target = method == "POST" ? $"/v2/app/blobs/uploads/?digest={RegistryServer.DigestOf(s_content)}" : await Registry.StartUploadAsync("app");
        if (method == "PUT") target += $"&digest={RegistryServer.DigestOf(s_content)}";
        var answer = await Hostile.RawRequest.SendAsync(Registry, method, target, "Content-Length: 500000000000");
        Assert.Equal(400, answer.Status);
        Assert.Contains("SIZE_INVALID", answer.Body, StringComparison.Ordinal);
    }

    private static async Task<bool> IsClosedAsync(NetworkStream stream)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await stream.ReadAsync(new byte[1], timeout.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends the rest, as a client that asks how far the upload is. The server may still be busy keeping what came: then it says so by 416.</summary>
    private async Task<(int Kept, string Location)> ContinueAsync(string location)
    {
        using var status = await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NoContent);
        var kept = Size(status);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var rest = await Registry.SendAsync("PATCH", location, s_content[kept..], null, RegistryServer.ChunkRange(kept, s_content.Length - 1));
            if (rest.StatusCode == HttpStatusCode.Accepted) return (kept, rest.Headers.Location!.OriginalString);
            await ExpectAsync(Task.FromResult(rest), HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
            kept = Size(rest);
        }

        throw new InvalidOperationException("The upload does not take its own offset.");
    }

    private static int Size(HttpResponseMessage answer)
    {
        var last = int.Parse(Header(answer, "Range").Split('-')[1], CultureInfo.InvariantCulture);
        return last == 0 ? 0 : last + 1;
    }

    /// <summary>Sends a part of the content in two halves, ends the sending, and waits until the server has ended its side as well.</summary>
    private async Task SendPartAsync(string method, string path, bool chunked, int pause)
    {
        var address = Registry.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {s_content.Length}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{length}\r\n\r\n"));
        if (chunked) await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Sent:x}\r\n"));
        await stream.WriteAsync(s_content.AsMemory(0, Sent / 2));
        await Task.Delay(pause);
        await stream.WriteAsync(s_content.AsMemory(Sent / 2, Sent / 2));
        client.Client.Shutdown(SocketShutdown.Send);
        try
        {
            while (await stream.ReadAsync(new byte[1024]) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The server has not read all of the body: it ends the connection by a reset.
        }
    }
}

public sealed class BrokenConnectionTestsInMemory(InMemoryStorage storage) : BrokenConnectionTests(storage), IClassFixture<InMemoryStorage>;

public sealed class BrokenConnectionTestsOnLocalDisk(LocalDisk storage) : BrokenConnectionTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class BrokenConnectionTestsOnAzurite(AzuriteStorage storage) : BrokenConnectionTests(storage);
