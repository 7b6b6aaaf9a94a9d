using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Tests.Api;
using Serverless.Web.Tests.Auth;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Web.Tests.Hostile;

/// <summary>
/// Thousands of requests of everything that the API can be asked for, the same in every run, by an admin, by people, by nobody
/// and by forgers. None may break the registry, and whatever is refused is refused in the form that is promised and has changed nothing.
/// A tenth of <c>FUZZED_INPUTS</c> of them.
/// </summary>
public sealed class ApiFuzzTests(InMemoryStorage storage, ITestOutputHelper output) : IClassFixture<InMemoryStorage>
{
    private const int RequestsInRound = 250;
    private const string Service = "fuzz";
    private const string Password = "correct horse";

    private static readonly string[] s_settings = ["Auth:Mode=token", $"Auth:Token:Service={Service}", "Auth:Scopes:fixed:0=team/*:pull"];

    private readonly Dictionary<HttpStatusCode, int> _answers = [];
    private readonly Dictionary<string, int> _done = ApiOperations.All.ToDictionary(o => o.Id, _ => 0, StringComparer.Ordinal);
    private int _unsendable;

    [Fact]
    public async Task No_request_of_the_API_breaks_the_registry_and_every_refusal_is_a_problem()
    {
        var rounds = Math.Max(1, FuzzedInputs.Count / 10 / RequestsInRound);
        for (var round = 0; round < rounds; round++) await RunAsync((ulong)round);
        output.WriteLine($"{rounds * RequestsInRound} requests: {string.Join(", ", _answers.OrderBy(a => a.Key).Select(a => $"{(int)a.Key} {a.Value} times"))}; the client sent {_unsendable} not.");
        Assert.InRange(_unsendable, 0, rounds * RequestsInRound / 20);
        // The requests must be near enough to right ones to get behind the front door.
        Assert.All(_done, d => Assert.True(d.Value > 0, $"No request of {d.Key} was done: FuzzedApiRequests has no body or no path for it."));
    }

    private async Task RunAsync(ulong round)
    {
        var time = new ManualTimeProvider(startNow: true);
        await using var registry = await RegistryServer.StartAsync(storage.NewStores(time), time, s_settings);
        var random = new SeededGenerator(round);
        var requests = new FuzzedApiRequests(random, await SignInAsync(registry));
        foreach (var digest in await PushAsync(registry, random)) requests.AddDigest(digest);
        await GiveUpAsync(registry);
        var before = await StoredAsync(registry);
        for (var i = 0; i < RequestsInRound; i++)
        {
            using var request = requests.Next(registry.Client.BaseAddress!);
            if (await SendAsync(registry, request.Message) is not { } answer) continue;
            using (answer)
            {
                _answers[answer.StatusCode] = _answers.GetValueOrDefault(answer.StatusCode) + 1;
                var what = $"Round {round}, request {i}, {request}, was answered {(int)answer.StatusCode}";
                Assert.True((int)answer.StatusCode < 500, $"{what}: {await answer.Content.ReadAsStringAsync()}");
                await LookAsync(request, answer, what, requests);
                var after = await StoredAsync(registry);
                if (answer.StatusCode >= HttpStatusCode.BadRequest || request.Message.Method.Method is "GET" or "HEAD" or "OPTIONS") Assert.True(before.SequenceEqual(after), $"{what} and changed what is stored.");
                before = after;
            }
        }

        (await StoreAudit.ReadAsync(registry.Stores)).AssertSound();
        List<VerifyFinding> findings = [];
        await registry.Services.GetRequiredService<ContainerRegistry>().Verifier.RunAsync(new VerifyOptions(), findings.Add, default);
        Assert.Empty(findings);
    }

    // Looks at an answer, and keeps what later requests may name.
    private async Task LookAsync(FuzzedApiRequest request, HttpResponseMessage answer, string what, FuzzedApiRequests requests)
    {
        var body = await answer.Content.ReadAsStringAsync();
        var isInApi = request.Message.RequestUri!.OriginalString[request.Message.RequestUri.GetLeftPart(UriPartial.Authority).Length..].StartsWith("/api/v1/", StringComparison.Ordinal);
        if (!isInApi || request.Message.Method == HttpMethod.Head || IsOfKestrel(answer)) return;
        if (answer.StatusCode >= HttpStatusCode.BadRequest)
        {
            Assert.True(answer.Content.Headers.ContentType?.ToString() == "application/problem+json", $"{what} as {answer.Content.Headers.ContentType}: {body}");
            using var problem = JsonDocument.Parse(body);
            var (status, code, title) = (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("code").GetString(), problem.RootElement.GetProperty("title").GetString());
            Assert.True(status == (int)answer.StatusCode && !string.IsNullOrEmpty(code) && !string.IsNullOrEmpty(title), $"{what}: {body}");
            Assert.True(answer.StatusCode != HttpStatusCode.Unauthorized || answer.Headers.WwwAuthenticate.Count > 0, $"{what} without a challenge.");
            return;
        }

        if (request.Message.Method.Method == request.Operation.Method) _done[request.Operation.Id]++;
        if (request.Operation.Id is "deleteTag" or "deleteManifest" && request.Message.Method == HttpMethod.Delete) requests.AddDeleted(request.Message.RequestUri.AbsolutePath["/api/v1/".Length..]);
        if (body.Length == 0) return;
        Assert.True(answer.Content.Headers.ContentType?.ToString() == "application/json", $"{what} as {answer.Content.Headers.ContentType}: {body}");
        using var json = JsonDocument.Parse(body);
        if (json.RootElement.TryGetProperty("cursor", out var cursor) && cursor.ValueKind == JsonValueKind.String) requests.AddCursor(cursor.GetString()!);
        if (request.Operation.Id == "addImport" && answer.StatusCode == HttpStatusCode.Accepted) requests.AddImport(json.RootElement.GetProperty("id").GetString()!);
    }

    // A target such as one with %00 is refused before anything of the registry has seen the request, and without any word.
    private static bool IsOfKestrel(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.BadRequest && answer.Content.Headers.ContentLength == 0 && answer.Content.Headers.ContentType is null && answer.Headers.ConnectionClose == true;

    private async Task<HttpResponseMessage?> SendAsync(RegistryServer registry, HttpRequestMessage request)
    {
        try
        {
            return await registry.Client.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            // What the client itself does not send, such as a body with a method that can have none.
            _unsendable++;
            return null;
        }
    }

    /// <summary>Makes accounts, and a token for each with all that it may do.</summary>
    private static async Task<Dictionary<string, string>> SignInAsync(RegistryServer registry)
    {
        (string Name, string[] Rights)[] accounts =
        [
            ("root", ["*:pull,push,delete", "registry:catalog:*", "registry:admin:*"]),
            ("ann", ["team/*:pull,push,delete", "registry:catalog:*"]),
            ("bob", ["team/*:pull", "registry:catalog:*"]),
        ];
        var robot = new Account { Name = AccountName.Parse("robot"), IsRobot = true, PasswordHashes = [RobotPassword.Hash(RobotPassword.New(slot: 0)), null], Scopes = ["bob"] };
        await registry.Services.GetRequiredService<AccountStore>().AddAsync(robot, default);
        Dictionary<string, string> tokens = new(StringComparer.Ordinal);
        foreach (var (name, rights) in accounts)
        {
            await registry.Services.GetRequiredService<ScopeMapStore>().SetAsync(name, new AccessRights(rights.Select(r => AccessRule.Parse(r))), default);
            await registry.Services.GetRequiredService<AccountStore>().AddAsync(new Account { Name = AccountName.Parse(name), PasswordHashes = [PasswordHashes.Hash(Password), null], Scopes = [name] }, default);
            var scopes = FuzzedApiRequests.Names.Select(n => $"&scope=repository:{n}:pull,push,delete");
            using var answer = await registry.SendAsync(
                "GET", $"/token?service={Service}&scope=registry:catalog:*&scope=registry:admin:*{string.Concat(scopes)}",
                headers: [("Authorization", "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{name}:{Password}")))]);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            tokens.Add(name, json.RootElement.GetProperty("token").GetString()!);
        }

        return tokens;
    }

    // As endpoints leave events that they have not taken.
    private static async Task GiveUpAsync(RegistryServer registry)
    {
        var place = EventPlace.Of(RepositoryName.Parse(FuzzedApiRequests.Names[0])).ToString();
        foreach (var id in FuzzedApiRequests.Events)
        {
            var row = new RowWrite.Insert(TableKeys.UndeliveredEvent(FuzzedApiRequests.Endpoint, id), new Dictionary<string, object> { ["place"] = place, ["reason"] = "503" });
            await registry.Stores.Tables.WriteAsync(TableKeys.SystemTable, row, default);
        }
    }

    // Images under two tags in each repository, one of them moved, and something that refers to one. Content is made by the generator too, so that every run is the same.
    private static async Task<IReadOnlyList<string>> PushAsync(RegistryServer registry, SeededGenerator random)
    {
        List<string> digests = [];
        foreach (var name in FuzzedApiRequests.Names)
        {
            var repository = registry.Services.GetRequiredService<ContainerRegistry>().GetRepository(RepositoryName.Parse(name));
            Manifest? last = null;
            foreach (var tag in (string?[])["v1", "v2", "v1", null])
            {
                var config = await repository.Blobs.PutAsync("{\"os\":\"linux\",\"architecture\":\"amd64\"}"u8.ToArray(), default) with { MediaType = MediaTypes.OciConfig };
                var builder = ManifestBuilder.ForImage(config).Append(await repository.Blobs.PutAsync(random.Bytes(40), default) with { MediaType = MediaTypes.OciLayerGzip });
                if (tag is null) (builder.ArtifactType, builder.Subject) = ("application/x", last!.Descriptor);
                last = builder.Build();
                await repository.Manifests.PutAsync(last, tag is null ? [] : [Tag.Parse(tag)], default);
                digests.Add(last.Digest.ToString());
            }
        }

        return digests;
    }

    private static async Task<IReadOnlyList<string>> StoredAsync(RegistryServer registry)
    {
        var audit = await StoreAudit.ReadAsync(registry.Stores);
        return [.. audit.Rows, $"{audit.ObjectCount} objects"];
    }
}
