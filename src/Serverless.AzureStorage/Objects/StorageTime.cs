using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage.Objects;

/// <summary>
/// What time it is at an account: told from the Date of its last answer, of tables and objects alike, and from the local clock only how long ago that was. Whatever storage compares with its
/// own clock must be made by this one. Before the first answer it is the local clock.
/// </summary>
internal sealed class StorageTime(TimeProvider timeProvider) : HttpPipelineSynchronousPolicy
{
    private long _ahead;

    /// <summary>The local clock, for how long something takes.</summary>
    public TimeProvider Local => timeProvider;

    public DateTimeOffset GetUtcNow() => timeProvider.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response.Headers.Date is { } date) Volatile.Write(ref _ahead, (date - timeProvider.GetUtcNow()).Ticks);
    }
}
