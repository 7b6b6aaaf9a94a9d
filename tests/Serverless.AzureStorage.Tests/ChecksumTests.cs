using System.Buffers;
using System.Text;
using Azure.Core.Pipeline;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Bodies that are changed on their way to storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ChecksumTests(AzuriteServer azurite) : IDisposable
{
    private static readonly ReadOnlySequence<byte> s_content = ByteSequence.Join([Encoding.UTF8.GetBytes("hello "), Encoding.UTF8.GetBytes("world")]);

    private readonly CorruptingHandler _way = new();

    public void Dispose() => _way.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_was_changed_once_is_sent_again(bool whole)
    {
        var objects = await OpenAsync(timesToChange: 1);
        await WriteAsync(objects, whole);
        if (!whole) Assert.Equal(WriteOutcome.Done, await objects.CommitBlocksAsync("data/a", ["1"], default));
        await using var stream = await objects.OpenAsync("data/a", 0, null, default);
        Assert.Equal("hello world", await new StreamReader(stream!).ReadToEndAsync());
        Assert.Equal(2, _way.Bodies);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_changed_every_time_is_never_stored(bool whole)
    {
        var objects = await OpenAsync(timesToChange: int.MaxValue);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync(objects, whole));
        Assert.Equal(1 + StorageRetryPolicy.MaxRetries, _way.Bodies);
        _way.TimesToChange = 0;
        if (!whole) Assert.Equal(WriteOutcome.NotFound, await objects.CommitBlocksAsync("data/a", ["1"], default));
        Assert.Null(await objects.FindAsync("data/a", default));
    }

    private static Task WriteAsync(IObjectStore objects, bool whole) =>
        whole ? objects.PutAsync("data/a", s_content, default) : objects.StageBlockAsync("data/a", "1", s_content, default);

    private async Task<IObjectStore> OpenAsync(int timesToChange)
    {
        var (_, objects) = AzureStores.Create(azurite.NewOptions(), TimeProvider.System, CallLimits.Default, new HttpClientTransport(_way));
        // Makes the container, which would else cost a body.
        Assert.Empty(await objects.ListAsync("", default).ToListAsync());
        _way.TimesToChange = timesToChange;
        return objects;
    }

    /// <summary>Changes a byte of blocks and objects after the client has signed and sent them.</summary>
    private sealed class CorruptingHandler() : DelegatingHandler(new HttpClientHandler())
    {
        public int TimesToChange { get; set; }

        public int Bodies { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Contains("x-ms-content-crc64") && ++Bodies <= TimesToChange) request.Content = await ChangeAsync(request.Content!, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }

        private static async Task<ByteArrayContent> ChangeAsync(HttpContent content, CancellationToken cancellationToken)
        {
            var bytes = await content.ReadAsByteArrayAsync(cancellationToken);
            bytes[^1] ^= 1;
            var changed = new ByteArrayContent(bytes);
            foreach (var (name, values) in content.Headers) changed.Headers.TryAddWithoutValidation(name, values);
            return changed;
        }
    }
}
