using Serverless.Registry.Core;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>
/// The right to deliver one place's events to one endpoint, for a while.
/// <code>
///   who delivers                              who comes meanwhile
///   claim: replace the row by its ETag
///   read the events, deliver them             finds the claim, and writes a mark beside it, by the ETag
///   give back by the ETag that was known      (the ETag is another one now)
///     412, still ours: somebody came:
///     read the events once more
/// </code>
/// So whoever comes meanwhile need not wait: what has sent him is seen before the claim is given back.
/// </summary>
internal sealed class DeliveryClaim
{
    private const string MarkProperty = "came";

    // Longer than an attempt takes; who dies holds up the others for so long.
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(5);

    private readonly RegistryContext _context;
    private readonly RowKey _key;
    private readonly string _holder;
    private DeliveryState _state;
    private string _etag;

    private DeliveryClaim(RegistryContext context, RowKey key, DeliveryState state, string etag) =>
        (_context, _key, _holder, _state, _etag) = (context, key, state.Holder!, state, etag);

    /// <summary>How the delivery stood when it was claimed.</summary>
    public DeliveryState State => _state;

    /// <summary>Claims a delivery.</summary>
    /// <returns>The claim; else when it is worth while to come again, or null when whoever delivers now will see to it.</returns>
    public static Task<(DeliveryClaim? Claim, DateTimeOffset? Next)> TakeAsync(RegistryContext context, RowKey key, CancellationToken cancellationToken)
    {
        var holder = Guid.NewGuid().ToString("N");
        return StorageRetry.RunAsync<(DeliveryClaim?, DateTimeOffset?)>(async () =>
        {
            var now = await context.Shared.NowAsync(cancellationToken);
            var row = await context.Tables.FindAsync(TableKeys.SystemTable, key, cancellationToken);
            var state = row is null ? new DeliveryState() : DeliveryState.Read(row);
            // A try of ours, whose answer was lost.
            if (state.Holder == holder) return (true, (new DeliveryClaim(context, key, state, row!.ETag), null));
            if (state.IsHeld(now))
            {
                var mark = new RowWrite.Merge(key, new Dictionary<string, object> { [MarkProperty] = holder }, row!.ETag);
                // Of those who come the first comes back when the claim is over: who holds it may have died.
                var back = row.Properties.ContainsKey(MarkProperty) ? default(DateTimeOffset?) : state.Until;
                return ((await context.Tables.WriteAsync(TableKeys.SystemTable, mark, cancellationToken)).Done, (null, back));
            }

            if (state.Next > now) return (true, (null, state.Next));
            var claimed = state with { Holder = holder, Until = now + s_lease };
            RowWrite write = row is null ? new RowWrite.Insert(key, claimed.ToProperties()) : new RowWrite.Replace(key, claimed.ToProperties(), row.ETag);
            var result = await context.Tables.WriteAsync(TableKeys.SystemTable, write, cancellationToken);
            return result.Done ? (true, (new DeliveryClaim(context, key, claimed, result.ETag!), null)) : default;
        }, cancellationToken);
    }

    /// <summary>Makes sure that the claim holds for as long as an attempt takes. Hardly ever a call to storage.</summary>
    /// <returns>False when somebody else has taken the delivery over.</returns>
    public async ValueTask<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var now = await _context.Shared.NowAsync(cancellationToken);
        if (_state.Until - now > s_lease / 2) return true;
        return await WriteAsync(_state with { Until = now + s_lease }, cancellationToken) != Written.Lost;
    }

    /// <summary>Gives the delivery back.</summary>
    /// <param name="state">How it stands now.</param>
    /// <param name="minds">Whether to keep the claim where somebody came meanwhile.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when it is kept: there may be events that were not seen.</returns>
    public async Task<bool> ReleaseAsync(DeliveryState state, bool minds, CancellationToken cancellationToken)
    {
        var free = state with { Holder = null, Until = default };
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(_key, free.ToProperties(), _etag), cancellationToken);
        if (result.Done) return true;
        if (await FindOwnAsync(cancellationToken) is null) return true;
        if (minds) return false;
        await WriteAsync(free, cancellationToken);
        return true;
    }

    private Task<Written> WriteAsync(DeliveryState state, CancellationToken cancellationToken) => StorageRetry.RunAsync(async () =>
    {
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(_key, state.ToProperties(), _etag), cancellationToken);
        if (result.Done)
        {
            (_state, _etag) = (state, result.ETag!);
            return (true, Written.Done);
        }

        return await FindOwnAsync(cancellationToken) is null ? (true, Written.Lost) : default;
    }, cancellationToken);

    /// <returns>The row, whose version is known from now on; null when it is not ours any more.</returns>
    private async Task<TableRow?> FindOwnAsync(CancellationToken cancellationToken)
    {
        if (await _context.Tables.FindAsync(TableKeys.SystemTable, _key, cancellationToken) is not { } row || DeliveryState.Read(row).Holder != _holder) return null;
        _etag = row.ETag;
        return row;
    }

    private enum Written
    {
        Done,
        Lost,
    }
}
