using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.AzureStorage;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Hosting;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;

namespace Serverless.Benchmarks;

/// <summary>
/// The registry in memory with users <c>user0</c> to <c>user999</c>, whose password is <c>right</c>, and what everybody may pull. It believes one proxy, so that whoever
/// measures can come from anywhere and no limit by address helps.
/// </summary>
internal static class SignInServer
{
    public static async Task RunAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", url);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Registry:Storage:InMemory"] = "true",
            ["Registry:Auth:Mode"] = "token",
            ["Registry:Auth:Proxies"] = "1",
            ["Registry:Auth:Anonymous:0"] = "public/*:pull",
        });
        var tables = new InMemoryTableStore(TimeProvider.System);
        // After the registry's own, so that these count.
        builder.Services.AddRegistry(builder.Configuration).AddSingleton(new RegistryStores(tables, new InMemoryObjectStore(TimeProvider.System)));
        await AddUsersAsync(tables);
        await using var app = builder.Build();
        app.Run(app.Services.GetRequiredService<RegistryPipeline>().InvokeAsync);
        await app.RunAsync();
    }

    /// <summary>Adds the users to another registry, whose storage a connection string names.</summary>
    public static Task AddUsersAsync(string connectionString) =>
        AddUsersAsync(StorageSettings.Open(new AzureStorageOptions { ConnectionString = connectionString }, TimeProvider.System).Tables);

    private static async Task AddUsersAsync(ITableStore tables)
    {
        var accounts = new AccountStore(tables, TimeProvider.System);
        var hash = PasswordHashes.Hash("right");
        for (var i = 0; i < 1000; i++) await accounts.AddAsync(new Account { Name = AccountName.Parse($"user{i}"), PasswordHashes = [hash, null] }, CancellationToken.None);
    }
}
