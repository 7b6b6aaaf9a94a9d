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
/// So whoever comes meanwhile need not wait: what has sent him is seen before the claim is given back. The first to leave a mark comes back all the same, when the claim is over or the
/// endpoint may be asked again, in case that who holds it has died; those who find the mark need not. So however many come, one comes back.
/// </summary>
internal sealed class DeliveryClaim
{
    // Longer than an attempt takes; who dies holds up the others for so long.
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(5);

    // The clock of storage is known to the second, so who comes back may come so much too early.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(2);

    private readonly RegistryContext _context;
    private readonly RowKey _key;
    private readonly string _holder;
    private DeliveryState _state;
    private string _etag;
    private bool _came;

    private DeliveryClaim(RegistryContext context, RowKey key, DeliveryState state, string etag) =>
        (_context, _key, _holder, _state, _etag) = (context, key, state.Holder!, state, etag);

    /// <summary>How the delivery stood when it was claimed.</summary>
    public DeliveryState State => _state;

    /// <summary>When it was claimed, by the clock of storage.</summary>
    public DateTimeOffset TakenAt { get; private init; }

    /// <summary>Whether somebody comes back at the time that the row said when it was claimed.</summary>
    public bool WasMarked { get; private init; }

    /// <summary>Claims a delivery.</summary>
    /// <param name="context">The registry.</param>
    /// <param name="key">The row.</param>
    /// <param name="notBefore">Before this the endpoint is left in peace, whatever the row says; null: the row knows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The claim; else null, and what has come of the turn.</returns>
    public static Task<(DeliveryClaim? Claim, DeliveryTurn Turn)> TakeAsync(RegistryContext context, RowKey key, DateTimeOffset? notBefore, CancellationToken cancellationToken)
    {
        var holder = Guid.NewGuid().ToString("N");
        return StorageRetry.RunAsync<(DeliveryClaim?, DeliveryTurn)>(async () =>
        {
            var now = await context.Shared.NowAsync(cancellationToken);
            var row = await context.Tables.FindAsync(TableKeys.SystemTable, key, cancellationToken);
            var state = row is null ? new DeliveryState() : DeliveryState.Read(row);
            // A try of ours, whose answer was lost.
            if (state.Holder == holder) return (true, (new DeliveryClaim(context, key, state, row!.ETag) { TakenAt = now }, default));
            var isHeld = state.IsHeld(now);
            var wanted = state.IsPassable ? null : state.Next;
            var next = isHeld ? state.Until : wanted > notBefore || notBefore is null ? wanted : notBefore;
            var mark = row?.FindString(DeliveryState.MarkProperty);
            if (next > now)
            {
                // Whoever has left a mark comes back at the time that the row says; once that is over he may be the one who is here now.
                var isPromised = mark is not null && mark != holder && (isHeld || state.Next > now + s_slack);
                var turn = new DeliveryTurn(isPromised ? null : next, isHeld, state.Since);
                // Of who holds it the ETag must change, so that he looks again; else one mark is enough.
                if (isPromised && !isHeld) return (true, (null, turn));
                var marked = (isHeld ? state : state with { Next = next }).ToProperties();
                marked[DeliveryState.MarkProperty] = isPromised ? mark! : holder;
                RowWrite write = row is null ? new RowWrite.Insert(key, marked) : new RowWrite.Merge(key, marked, row.ETag);
                return ((await context.Tables.WriteAsync(TableKeys.SystemTable, write, cancellationToken)).Done, (null, turn));
            }

            var claimed = state with { Holder = holder, Until = now + s_lease };
            RowWrite claim = row is null ? new RowWrite.Insert(key, claimed.ToProperties()) : new RowWrite.Replace(key, claimed.ToProperties(), row.ETag);
            var result = await context.Tables.WriteAsync(TableKeys.SystemTable, claim, cancellationToken);
            return result.Done ? (true, (new DeliveryClaim(context, key, claimed, result.ETag!) { TakenAt = now, WasMarked = mark is not null }, default)) : default;
        }, cancellationToken);
    }

    /// <summary>Makes sure that the claim holds for as long as an attempt takes. Hardly ever a call to storage.</summary>
    /// <returns>False when somebody else has taken the delivery over.</returns>
    public async ValueTask<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var now = await _context.Shared.NowAsync(cancellationToken);
        if (_state.Until - now > s_lease / 2) return true;
        return await WriteAsync((_state with { Until = now + s_lease }).ToProperties(), cancellationToken);
    }

    /// <summary>Gives the delivery back.</summary>
    /// <param name="state">How it stands now.</param>
    /// <param name="minds">Whether to keep the claim where somebody came meanwhile.</param>
    /// <param name="returns">Whether whoever gives it back comes again at the time that the state says, so that nobody else needs to.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when it is kept: there may be events that were not seen.</returns>
    public async Task<bool> ReleaseAsync(DeliveryState state, bool minds, bool returns, CancellationToken cancellationToken)
    {
        var free = (state with { Holder = null, Until = default }).ToProperties();
        if ((returns || WasMarked) && state.Next is not null) free[DeliveryState.MarkProperty] = _holder;
        if (!minds)
        {
            // Whether it is given back, or somebody else's by now, is the same.
            await WriteAsync(free, cancellationToken);
            return true;
        }

        if (!_came)
        {
            var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(_key, free, _etag), cancellationToken);
            if (result.Done || await FindOwnAsync(cancellationToken) is null) return true;
        }

        _came = false;
        return false;
    }

    /// <returns>False when somebody else has taken the delivery over.</returns>
    private Task<bool> WriteAsync(Dictionary<string, object> properties, CancellationToken cancellationToken) => StorageRetry.RunAsync(async () =>
    {
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(_key, properties, _etag), cancellationToken);
        if (!result.Done) return await FindOwnAsync(cancellationToken) is null ? (true, false) : default;
        (_state, _etag) = (DeliveryState.Read(new TableRow(_key, properties, result.ETag!, default)), result.ETag!);
        return (true, true);
    }, cancellationToken);

    /// <returns>The row, whose version is known from now on; null when it is not ours any more.</returns>
    private async Task<TableRow?> FindOwnAsync(CancellationToken cancellationToken)
    {
        if (await _context.Tables.FindAsync(TableKeys.SystemTable, _key, cancellationToken) is not { } row || DeliveryState.Read(row).Holder != _holder) return null;
        _etag = row.ETag;
        _came |= row.FindString(DeliveryState.MarkProperty) is not null;
        return row;
    }
}
