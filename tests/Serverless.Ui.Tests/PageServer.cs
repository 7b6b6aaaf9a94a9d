using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage.InMemory;
using Serverless.Server;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Ui.Tests;

/// <summary>The whole app on a port of its own, with storage in memory whose calls are counted.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    public const string Password = "correct horse";

    private readonly WebApplication _app;

    static PageServer() => PasswordHashes.Work = new PasswordWork(rounds: 1000);

    private PageServer(WebApplication app, StorageProbe probe, string prefix)
    {
        (_app, Probe) = (app, probe);
        Address = new Uri(app.Urls.Single() + prefix + "/ui/");
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = Address };
        Content = new PushedContent(app.Services.GetRequiredService<ContainerRegistry>());
    }

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    public StorageProbe Probe { get; }

    public HttpClient Client { get; }

    public PushedContent Content { get; }

    public AccountStore Accounts => _app.Services.GetRequiredService<AccountStore>();

    public ScopeMapStore ScopeMaps => _app.Services.GetRequiredService<ScopeMapStore>();

    /// <summary>A registry where one signs in for tokens, with three accounts: <c>ann</c> may do everything in <c>team</c>, <c>bob</c> only read there, and <c>root</c> is an admin.</summary>
    public static async Task<PageServer> StartAsync(params string[] settings)
    {
        var server = await StartOpenAsync(["Auth:Mode=token", "Auth:Token:Service=ui-tests", .. settings]);
        await server.AddAccountAsync("ann", "team/*:pull,push,delete", "registry:catalog:*");
        await server.AddAccountAsync("bob", "team/*:pull", "registry:catalog:*");
        await server.AddAccountAsync("root", "*:pull,push,delete", "registry:catalog:*", "registry:admin:*");
        return server;
    }

    /// <summary>A registry of these settings, where nobody has an account.</summary>
    public static async Task<PageServer> StartOpenAsync(params string[] settings)
    {
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System)));
        var prefix = settings.FirstOrDefault(s => s.StartsWith("Prefix=", StringComparison.Ordinal))?["Prefix=".Length..] ?? "";
        var app = ServerApp.Create(
            ["--urls=http://127.0.0.1:0", "--Registry:Storage:InMemory=true", "--Logging:LogLevel:Default=Warning", .. settings.Select(s => "--Registry:" + s)],
            services => services.AddSingleton(new RegistryStores(tables, objects)));
        await app.StartAsync();
        return new PageServer(app, probe, prefix);
    }

    /// <summary>Makes a user with a scope map of the same name.</summary>
    public async Task AddAccountAsync(string name, params string[] rights)
    {
        await ScopeMaps.SetAsync(name, new AccessRights(rights.Select(r => AccessRule.Parse(r))), default);
        await Accounts.AddAsync(new Account { Name = AccountName.Parse(name), PasswordHashes = [PasswordHashes.Hash(Password), null], Scopes = [name] }, default);
    }

    /// <summary>Asks for a file of the page.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string method = "GET", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
