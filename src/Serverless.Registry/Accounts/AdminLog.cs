using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>What was changed in the registry's name: accounts, rights, whole repositories. The newest thousand changes are kept, and some more until somebody looks.</summary>
/// <param name="tables">Where they are.</param>
/// <param name="time">Dates them.</param>
public sealed class AdminLog(ITableStore tables, TimeProvider time)
{
    private const int Kept = 1000;
    private const string ByProperty = "by";
    private const string ActionProperty = "action";
    private const string TargetProperty = "target";
    private const string DetailProperty = "detail";
    private const string AtProperty = "at";

    /// <summary>Notes a change that is about to be made: one round trip to storage. What is noted and then fails was tried.</summary>
    public async Task NoteAsync(string? by, string action, string target, string? detail, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        Dictionary<string, object> properties = new() { [ActionProperty] = action, [TargetProperty] = target, [AtProperty] = RowTime.Format(now) };
        if (by is not null) properties[ByProperty] = by;
        if (detail is not null) properties[DetailProperty] = detail;
        await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.AdminChange(now), properties), cancellationToken);
    }

    /// <summary>A page of changes, the newest first. The first page drops what is beyond the newest thousand.</summary>
    /// <param name="count">Changes in the page, at most.</param>
    /// <param name="last">The id after which to go on; null begins at the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(IReadOnlyList<AdminChange> Changes, bool More)> ListPageAsync(int count, string? last, CancellationToken cancellationToken)
    {
        if (last is null) await TrimAsync(cancellationToken);
        var (rows, more) = await tables.TakeAsync(TableKeys.SystemTable, RowQuery.PrefixAfter(TableKeys.AdminLogPartition, "", last), count, cancellationToken);
        return ([.. rows.Select(Read)], more);
    }

    private static AdminChange Read(TableRow row) =>
        new(row.Key.Row, row.FindTime(AtProperty) ?? row.Timestamp, row.FindString(ByProperty), row.GetString(ActionProperty), row.GetString(TargetProperty), row.FindString(DetailProperty));

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.AdminLogPartition, "") with { Select = [ActionProperty] };
        var (rows, _) = await tables.TakeAsync(TableKeys.SystemTable, query, 2 * Kept, cancellationToken);
        await tables.DeleteUnchangedAsync(TableKeys.SystemTable, [.. rows.Skip(Kept)], cancellationToken);
    }
}

/// <summary>A change that somebody made who looks after the registry.</summary>
/// <param name="Id">Its id; those of later ones sort before it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="By">Who; null when nobody knows.</param>
/// <param name="Action">What was done, such as <c>account.add</c>.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Detail">What it was changed to, without secrets; null when there is nothing to tell.</param>
public sealed record AdminChange(string Id, DateTimeOffset At, string? By, string Action, string Target, string? Detail);
