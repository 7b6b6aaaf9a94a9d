using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Hosting;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;

namespace Serverless.Cli.Tests;

/// <summary>A registry on a port of this machine, where people sign in, with an account that may do everything.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    /// <summary>The account, and the scope map that gives it everything.</summary>
    public const string Account = "operator";

    /// <summary>Its password.</summary>
    public const string Password = "password of the operator";

    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <summary>Of the account.</summary>
    public Dictionary<string, string?> Environment { get; } = new() { ["REGISTRY_PASSWORD"] = Password };

    public static async Task<ApiServer> StartAsync(RegistryStores stores, TimeProvider time, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        string[] rights = ["*:*", "registry:catalog:*", "registry:admin:*"];
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection(
            new Dictionary<string, string?> { ["Registry:Storage:InMemory"] = "true", ["Registry:Auth:Mode"] = "token" }
                .Concat(rights.Select((right, i) => KeyValuePair.Create($"Registry:Auth:Scopes:{Account}:{i}", (string?)right))));
        builder.Services.AddLogging().AddSingleton(time).AddRegistry(builder.Configuration).AddSingleton(stores);
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<RegistryPipeline>().InvokeAsync);
        var account = new Account { Name = AccountName.Parse(Account), PasswordHashes = [PasswordHashes.Hash(Password), null], Scopes = [Account] };
        await new AccountStore(stores.Tables, time).AddAsync(account, CancellationToken.None);
        await app.StartAsync();
        return new ApiServer(app);
    }

    /// <summary>A list without the account and the scope map, which are not there where commands work on storage.</summary>
    public static string WithoutItsOwn(string output)
    {
        if (!output.StartsWith('[')) return string.Concat(output.Split('\n').Where(line => !line.StartsWith(Account + '\t', StringComparison.Ordinal)).Select(line => line + '\n'))[..^1];
        var list = JsonNode.Parse(output)!.AsArray();
        return new JsonArray([.. list.Where(item => (string?)item!["name"] != Account).Select(item => item!.DeepClone())]).ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
