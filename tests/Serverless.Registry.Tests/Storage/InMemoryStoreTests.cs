using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;

namespace Serverless.Registry.Tests.Storage;

public sealed class InMemoryTableStoreTests : TableStoreContract
{
    private readonly FakeTimeProvider _time = new();

    public InMemoryTableStoreTests() => Store = new InMemoryTableStore(_time);

    protected override ITableStore Store { get; }

    protected override Task PassTimeAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }
}

public sealed class InMemoryObjectStoreTests : ObjectStoreContract
{
    private readonly InMemoryObjectStore _store = new(TimeProvider.System, new Uri("http://127.0.0.1/objects"));

    protected override IObjectStore Store => _store;

    protected override async Task<string?> FetchAsync(Uri signed)
    {
        var query = signed.Query.TrimStart('?').Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        await using var stream = _store.OpenSigned(query["name"], long.Parse(query["se"], CultureInfo.InvariantCulture), query["sig"]);
        return stream is null ? null : await new StreamReader(stream).ReadToEndAsync();
    }
}
