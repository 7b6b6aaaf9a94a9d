using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Serverless.Testing.Skipping;
using Xunit;

namespace Serverless.Web.Tests;

/// <summary>A kind of storage to run the app on.</summary>
public interface IStorageKind
{
    /// <summary>Empty stores that nobody else uses.</summary>
    (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time);
}

/// <summary>The in-memory stores, with a server behind the URLs that they sign.</summary>
public sealed class InMemoryStorage : IStorageKind, IAsyncLifetime
{
    private readonly Dictionary<string, InMemoryObjectStore> _stores = [];
    private WebApplication? _server;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync();
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time)
    {
        var path = $"/{Guid.NewGuid():N}";
        var objects = new InMemoryObjectStore(time, new Uri(_server!.Urls.Single() + path));
        lock (_stores) _stores.Add(path, objects);
        return (new InMemoryTableStore(time), objects);
    }

    private async Task ServeAsync(HttpContext http)
    {
        InMemoryObjectStore store;
        lock (_stores) store = _stores[http.Request.Path];
        var query = http.Request.Query;
        await using var content = store.OpenSigned(query["name"].ToString(), long.Parse(query["se"].ToString()), query["sig"].ToString());
        if (content is null) http.Response.StatusCode = StatusCodes.Status403Forbidden;
        else await content.CopyToAsync(http.Response.Body);
    }
}

/// <summary>Azurite, one for all tests of the assembly.</summary>
public sealed class AzuriteStorage : IStorageKind, IAsyncLifetime, INeedsAzurite
{
    private readonly AzuriteServer _server = new();

    public string ConnectionString => _server.ConnectionString;

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    public (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time) => _server.NewStores();
}

/// <summary>Folders of this machine.</summary>
public sealed class LocalDisk : IStorageKind, IDisposable
{
    private readonly ConcurrentBag<LocalFolder> _folders = [];

    public (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time)
    {
        LocalFolder folder = new(time);
        _folders.Add(folder);
        return (folder.Stores.Tables, folder.Stores.Objects);
    }

    public void Dispose()
    {
        foreach (var folder in _folders) folder.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteStorage>
{
    public const string Name = "Azurite";
}
