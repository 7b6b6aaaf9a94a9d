using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.AzureStorage;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Storage.InMemory;
using Serverless.Server;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Ui.Tests;

/// <summary>A server on a port of its own, and the registry's services on the storage that it has, by which tests fill it and look past it.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    public const string Password = "correct horse";

    // Where one signs in for tokens.
    private static readonly string[] s_token = ["Auth:Mode=token", "Auth:Token:Service=ui-tests"];

    private readonly IHost _registry;
    private readonly RegistryProcess? _process;

    static PageServer() => PasswordHashes.Work = new PasswordWork(rounds: 1000);

    private PageServer(IHost registry, string url, IEnumerable<string> settings)
    {
        _registry = registry;
        Address = new Uri(url + (settings.FirstOrDefault(s => s.StartsWith("Prefix=", StringComparison.Ordinal))?["Prefix=".Length..] ?? "") + "/ui/");
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = Address };
        Content = new PushedContent(registry.Services.GetRequiredService<ContainerRegistry>());
    }

    private PageServer(IHost registry, RegistryProcess process, string url, IEnumerable<string> settings) : this(registry, url, settings) => _process = process;

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    /// <summary>Counts the calls to storage of a server in this process.</summary>
    public StorageProbe Probe { get; private init; } = new();

    public HttpClient Client { get; }

    public PushedContent Content { get; }

    public AccountStore Accounts => _registry.Services.GetRequiredService<AccountStore>();

    public RegistryQuotas Quotas => _registry.Services.GetRequiredService<ContainerRegistry>().Quotas;

    public ScopeMapStore ScopeMaps => _registry.Services.GetRequiredService<ScopeMapStore>();

    /// <summary>What a process has printed so far that tells of a failure of the registry's own.</summary>
    public IEnumerable<string> Failures => _process?.Output.Split('\n').Where(l => l.StartsWith("fail:", StringComparison.Ordinal) || l.StartsWith("crit:", StringComparison.Ordinal)) ?? [];

    /// <summary>The whole app in this process, with storage in memory, where one signs in for tokens.</summary>
    public static async Task<PageServer> StartInMemoryAsync(params string[] settings)
    {
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System)));
        var app = ServerApp.Create(
            Arguments("http://127.0.0.1:0", [.. s_token, "Storage:InMemory=true", .. settings]),
            services => services.AddSingleton(new RegistryStores(tables, objects)));
        await app.StartAsync();
        return new PageServer(app, app.Urls.Single(), settings) { Probe = probe };
    }

    /// <summary>The published server on storage, where one signs in for tokens.</summary>
    public static Task<PageServer> StartPublishedAsync(AzureStorageOptions storage, params string[] settings) => StartPublishedOpenAsync(storage, [.. s_token, .. settings]);

    /// <summary>The published server of these settings alone.</summary>
    public static async Task<PageServer> StartPublishedOpenAsync(AzureStorageOptions storage, params string[] settings)
    {
        var url = $"http://127.0.0.1:{RegistryProcess.FreePort()}";
        string[] kept = [$"Storage:ConnectionString={storage.ConnectionString}", $"Storage:Container={storage.ContainerName}", $"Storage:TablePrefix={storage.TablePrefix}"];
        var args = Arguments(url, [.. kept, .. settings]);
        var server = new PageServer(ServerApp.CreateDeaf(args), RegistryProcess.Start(args), url, settings);
        await server._process!.WaitUntilReadyAsync(server.Client);
        return server;
    }

    /// <summary>Makes three accounts: <c>ann</c> may do everything in <c>team</c>, <c>bob</c> only read there, and <c>root</c> is an admin.</summary>
    public async Task AddAccountsAsync()
    {
        await AddAccountAsync("ann", "team/*:pull,push,delete", "registry:catalog:*");
        await AddAccountAsync("bob", "team/*:pull", "registry:catalog:*");
        await AddAccountAsync("root", "*:pull,push,delete", "registry:catalog:*", "registry:admin:*");
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
        if (_process is not null) await _process.DisposeAsync();
        if (_registry is WebApplication app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
        else
        {
            _registry.Dispose();
        }
    }

    private static string[] Arguments(string url, IEnumerable<string> settings) => ["--urls=" + url, "--Logging:LogLevel:Default=Warning", .. settings.Select(s => "--Registry:" + s)];
}
