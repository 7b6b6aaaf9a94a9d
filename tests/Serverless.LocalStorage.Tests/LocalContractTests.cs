using Serverless.Registry.Storage;
using Serverless.Testing;

namespace Serverless.LocalStorage.Tests;

public sealed class SqliteTableStoreTests : TableStoreContract, IDisposable
{
    private readonly LocalFolder _folder = new();

    protected override ITableStore Store => _folder.Stores.Tables;

    public void Dispose() => _folder.Dispose();
}

public sealed class FileObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly LocalFolder _folder = new();

    protected override IObjectStore Store => _folder.Stores.Objects;

    protected override bool SignsUrls => false;

    public void Dispose() => _folder.Dispose();

    protected override Task<string?> FetchAsync(Uri signed) => throw new NotSupportedException("Nothing is signed.");
}

public sealed class LocalTaskClaimTests : TaskClaimContract, IDisposable
{
    private readonly LocalFolder _folder = new();

    protected override ITableStore Store => _folder.Stores.Tables;

    protected override TimeProvider Time => TimeProvider.System;

    public void Dispose() => _folder.Dispose();

    protected override Task WaitAsync(TimeSpan time) => Task.Delay(time);
}
