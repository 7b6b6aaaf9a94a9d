using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Any split of a blob into chunks, sent in order, ends in the same digest; any chunk out of order is refused and harms nothing.</summary>
public abstract class ChunkingTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task However_it_is_split_and_whatever_is_sent_in_between_the_blob_is_whole(int seed)
    {
        var random = new SeededGenerator((ulong)seed);
        var content = random.Bytes(1 + random.Next(200_000));
        var location = await Registry.StartUploadAsync("app");
        var sent = 0;
        while (sent < content.Length)
        {
            if (random.Chance(50, 100)) await SendWrongChunkAsync(location, content, sent, random);
            var length = 1 + random.Next(content.Length - sent);
            // A client may say where its chunk belongs, or leave it to the registry.
            (string, string)[] headers = random.Chance(70, 100) ? [RegistryServer.ChunkRange(sent, sent + length - 1)] : [];
            using var answer = await ExpectAsync(Registry.SendAsync("PATCH", location, content[sent..(sent + length)], null, headers), HttpStatusCode.Accepted);
            sent += length;
            Assert.Equal($"0-{sent - 1}", Header(answer, "Range"));
            location = answer.Headers.Location!.OriginalString;
        }

        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf(content)}"), HttpStatusCode.Created);
        await using var direct = await StartAnotherAsync("Redirect:Enabled=false");
        using var get = await ExpectAsync(direct.SendAsync("GET", $"/v2/app/blobs/{RegistryServer.DigestOf(content)}"), HttpStatusCode.OK);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    private async Task SendWrongChunkAsync(string location, byte[] content, int sent, SeededGenerator random)
    {
        var first = random.Next(content.Length + 10);
        if (first == sent) first++;
        var wrong = random.Bytes(1 + random.Next(1000));
        var (method, path) = random.Chance(70, 100) ? ("PATCH", location) : ("PUT", $"{location}&digest={RegistryServer.DigestOf(content)}");
        // The first request with the first location is taken for a whole blob if it says that it begins at zero; its digest then tells that it is not.
        if (sent == 0 && first == 0) first = 1;
        using var answer = await ExpectAsync(
            Registry.SendAsync(method, path, wrong, null, RegistryServer.ChunkRange(first, first + wrong.Length - 1)), HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
        Assert.Equal(sent == 0 ? "0-0" : $"0-{sent - 1}", Header(answer, "Range"));
    }
}

public sealed class ChunkingTestsInMemory(InMemoryStorage storage) : ChunkingTests(storage), IClassFixture<InMemoryStorage>;

public sealed class ChunkingTestsOnLocalDisk(LocalDisk storage) : ChunkingTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class ChunkingTestsOnAzurite(AzuriteStorage storage) : ChunkingTests(storage);
