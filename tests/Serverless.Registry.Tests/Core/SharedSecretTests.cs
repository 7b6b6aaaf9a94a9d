using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Core;

public sealed class SharedSecretTests
{
    private readonly InMemoryTableStore _tables = new(new FakeTimeProvider());

    [Fact]
    public async Task Two_instances_agree_on_a_made_secret()
    {
        var one = await new SharedSecret(_tables, "upload", null).GetAsync(default);
        var two = await new SharedSecret(_tables, "upload", null).GetAsync(default);
        Assert.Equal(32, one.Length);
        Assert.Equal(one, two);
    }

    [Fact]
    public async Task Instances_that_start_together_agree()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await new SharedSecret(_tables, "upload", null).GetAsync(default))));
        Assert.All(secrets, s => Assert.Equal(secrets[0], s));
    }

    [Fact]
    public async Task Secrets_of_different_names_and_stores_differ()
    {
        var one = await new SharedSecret(_tables, "upload", null).GetAsync(default);
        Assert.NotEqual(one, await new SharedSecret(_tables, "other", null).GetAsync(default));
        Assert.NotEqual(one, await new SharedSecret(new InMemoryTableStore(new FakeTimeProvider()), "upload", null).GetAsync(default));
    }

    [Fact]
    public async Task A_configured_secret_costs_no_storage()
    {
        // Without a store to go to, going there would throw.
        var secret = new SharedSecret(null!, "upload", new byte[] { 1, 2, 3 });
        Assert.Equal([1, 2, 3], await secret.GetAsync(default));
    }

    [Fact]
    public async Task A_made_secret_is_read_once()
    {
        var secret = new SharedSecret(_tables, "upload", null);
        var made = await secret.GetAsync(default);
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Secret("upload"), "*"), default);
        Assert.Equal(made, await secret.GetAsync(default));
        Assert.NotEqual(made, await new SharedSecret(_tables, "upload", null).GetAsync(default));
    }
}
