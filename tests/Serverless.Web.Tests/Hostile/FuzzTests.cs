using System.Net;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Twenty thousand requests, the same in every run, none of which may break the registry.</summary>
public sealed class FuzzTests(InMemoryStorage storage) : IClassFixture<InMemoryStorage>
{
    private const int Rounds = 40;
    private const int RequestsInRound = 500;

    private readonly Dictionary<HttpStatusCode, int> _answers = [];
    private int _unsendable;

    [Fact]
    public async Task No_request_breaks_the_registry_and_no_refused_one_changes_what_is_stored()
    {
        for (ulong round = 0; round < Rounds; round++) await RunAsync(round);
        Assert.Equal(Rounds * RequestsInRound, _unsendable + _answers.Values.Sum());
        Assert.InRange(_unsendable, 0, Rounds * RequestsInRound / 100);
        // The requests must be near enough to right ones to get behind the front door.
        foreach (var status in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed])
        {
            Assert.True(_answers.GetValueOrDefault(status) > 20, $"Only {_answers.GetValueOrDefault(status)} answers were {status}.");
        }
    }

    private async Task RunAsync(ulong round)
    {
        var time = new ManualTimeProvider(startNow: true);
        await using var registry = await RegistryServer.StartAsync(storage.NewStores(time), time);
        var requests = await PrepareAsync(registry, new SeededGenerator(round));
        for (var i = 0; i < RequestsInRound; i++)
        {
            using var request = requests.Next(registry.Client.BaseAddress!);
            var before = await StoredAsync(registry);
            if (await SendAsync(registry, request) is not { } status) continue;
            var what = $"Round {round}, request {i}, {request.Method} {request.RequestUri}, was answered {status}";
            Assert.True((int)status < 500, $"{what}.");
            if ((int)status >= 400) Assert.True(before.SequenceEqual(await StoredAsync(registry)), $"{what} and changed what is stored.");
        }

        (await StoreAudit.ReadAsync(registry.Stores)).AssertBlobsSound();
    }

    private async Task<HttpStatusCode?> SendAsync(RegistryServer registry, HttpRequestMessage request)
    {
        try
        {
            using var answer = await registry.Client.SendAsync(request);
            _answers[answer.StatusCode] = _answers.GetValueOrDefault(answer.StatusCode) + 1;
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // What the client itself does not send, such as a body with a method that can have none.
            _unsendable++;
            return null;
        }
    }

    private static async Task<FuzzedRequests> PrepareAsync(RegistryServer registry, SeededGenerator random)
    {
        List<string> digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000", "sha512:00", RegistryServer.DigestOf([]).ToString()];
        List<byte[]> manifests = [];
        foreach (var name in (string[])["app", "team/app"])
        {
            // Content is made by the generator too, so that every run is the same.
            byte[] config = random.Bytes(20), layer = random.Bytes(50);
            var image = ManifestBuilder.ForImage(new Descriptor(MediaTypes.OciConfig, await registry.PushBlobAsync(name, config), config.Length))
                .Append(new Descriptor(MediaTypes.OciLayerGzip, await registry.PushBlobAsync(name, layer), layer.Length)).Build();
            using var put = await registry.PutManifestAsync(name, "v1", image);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            digests.AddRange([image.Digest.ToString(), .. image.Content.Blobs.Select(b => b.Digest.ToString())]);
            manifests.AddRange([image.Payload.ToArray(), ManifestBuilder.ForIndex().Append(image.Descriptor).Build().Payload.ToArray()]);
        }

        return new FuzzedRequests(random, [await registry.StartUploadAsync("app"), await registry.StartUploadAsync("team/app")], digests, manifests);
    }

    private static async Task<IEnumerable<string>> StoredAsync(RegistryServer registry)
    {
        var audit = await StoreAudit.ReadAsync(registry.Stores);
        return audit.Rows.Append($"{audit.ObjectCount} objects");
    }
}
