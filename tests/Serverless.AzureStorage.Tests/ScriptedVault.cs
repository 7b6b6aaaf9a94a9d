using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.AzureStorage.Secrets;

namespace Serverless.AzureStorage.Tests;

/// <summary>The part of a key vault's REST API (7.6) that deals with versions of a secret, with faults. It challenges like the real one, and takes one token only.</summary>
internal sealed class ScriptedVault : IAsyncDisposable
{
    public const string Secret = "registry-signing-key";
    private const string Name = "https://scripted.vault.azure.net";
    private const string Token = "vault-token";

    private readonly WebApplication _app;
    private readonly TimeProvider _time;

    private ScriptedVault(TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _time = time;
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The versions, in no order that means anything.</summary>
    public List<JsonObject> Versions { get; } = [];

    /// <summary>What was asked that had a token: method and path.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Answers instead, where it returns true.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    public static async Task<ScriptedVault> StartAsync(TimeProvider time)
    {
        var vault = new ScriptedVault(time);
        await vault._app.StartAsync();
        return vault;
    }

    /// <summary>The keys in this vault, as one instance or operator sees them.</summary>
    public VaultSigningKeys Open(CallLimits? limits = null) => new(
        new KeyVaultOptions(new Uri(Name), Secret), _time, limits ?? CallLimits.Default, new HttpClientTransport(new HttpClient(new Detour(new Uri(_app.Urls.Single())))), new FixedCredential());

    /// <summary>Adds a version by hand.</summary>
    public string Add(string value, DateTimeOffset? notBefore = null, DateTimeOffset? expires = null, bool enabled = true)
    {
        var attributes = new JsonObject { ["enabled"] = enabled, ["created"] = _time.GetUtcNow().ToUnixTimeSeconds(), ["updated"] = _time.GetUtcNow().ToUnixTimeSeconds() };
        if (notBefore is { } start) attributes["nbf"] = start.ToUnixTimeSeconds();
        if (expires is { } end) attributes["exp"] = end.ToUnixTimeSeconds();
        var version = Guid.NewGuid().ToString("N");
        Versions.Insert(0, new JsonObject { ["id"] = $"{Name}/secrets/{Secret}/{version}", ["value"] = value, ["attributes"] = attributes });
        return version;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization != "Bearer " + Token)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"https://vault.azure.net\"";
            return;
        }

        var path = http.Request.Path.Value!;
        lock (Asked) Asked.Add($"{http.Request.Method} {path}");
        if (await Fault(http)) return;
        var answer = (http.Request.Method, path.Split('/')[2..]) switch
        {
            ("GET", [Secret, "versions"]) => new JsonObject { ["value"] = new JsonArray([.. Versions.Select(WithoutValue)]) },
            ("GET", [Secret, var id]) => Find(id)?.DeepClone(),
            ("PUT", [Secret]) => await SetAsync(http),
            ("PATCH", [Secret, var id]) => await UpdateAsync(http, id),
            _ => null,
        };
        if (answer is null) http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync((answer ?? new JsonObject { ["error"] = new JsonObject { ["code"] = "SecretNotFound", ["message"] = "A secret was not found in this key vault." } }).ToJsonString());
    }

    private JsonObject? Find(string version) => Versions.SingleOrDefault(v => v["id"]!.GetValue<string>().EndsWith("/" + version, StringComparison.Ordinal));

    private static JsonNode WithoutValue(JsonObject version)
    {
        var copy = version.DeepClone().AsObject();
        copy.Remove("value");
        return copy;
    }

    private async Task<JsonNode?> SetAsync(HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!;
        var version = Add(body["value"]!.GetValue<string>(), DateTimeOffset.FromUnixTimeSeconds(body["attributes"]!["nbf"]!.GetValue<long>()));
        return Find(version)!.DeepClone();
    }

    private async Task<JsonNode?> UpdateAsync(HttpContext http, string version)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!;
        Find(version)!["attributes"]!["enabled"] = body["attributes"]!["enabled"]!.GetValue<bool>();
        return WithoutValue(Find(version)!);
    }

    // The client speaks to no vault without TLS, so it believes to speak to a real one.
    private sealed class Detour(Uri server) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(server, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Token, DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
