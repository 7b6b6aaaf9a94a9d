using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>What a registry refuses for the time being.</summary>
/// <param name="ReadOnly">Whether nothing may be written, for instance while storage is being moved.</param>
/// <param name="DeleteEnabled">Whether manifests, tags and blobs may be deleted.</param>
public sealed record SwitchState(bool ReadOnly = false, bool DeleteEnabled = true);

/// <summary>
/// The switches of a registry: configured, and overridden at run time by a row in the system table, which every instance looks at before it writes, at most
/// once in five seconds.
/// </summary>
public sealed class RegistrySwitches
{
    private const string ReadOnlyProperty = "readOnly";
    private const string DeleteEnabledProperty = "deleteEnabled";
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(5);

    private readonly RegistryContext _context;
    private Seen? _seen;

    internal RegistrySwitches(RegistryContext context) => _context = context;

    /// <summary>How the switches stand, or stood five seconds ago.</summary>
    public async ValueTask<SwitchState> GetAsync(CancellationToken cancellationToken)
    {
        var now = _context.TimeProvider.GetTimestamp();
        if (_seen is { } seen && _context.TimeProvider.GetElapsedTime(seen.Time, now) < s_memory) return seen.State;
        var row = await _context.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Switches, cancellationToken);
        var configured = _context.Options.Switches;
        var state = new SwitchState(
            row?.Properties.GetValueOrDefault(ReadOnlyProperty) as bool? ?? configured.ReadOnly,
            row?.Properties.GetValueOrDefault(DeleteEnabledProperty) as bool? ?? configured.DeleteEnabled);
        _seen = new Seen(state, now);
        return state;
    }

    /// <summary>Sets the switches for all instances, until they are set again or <see cref="ResetAsync"/>.</summary>
    public async Task SetAsync(SwitchState state, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, object> { [ReadOnlyProperty] = state.ReadOnly, [DeleteEnabledProperty] = state.DeleteEnabled };
        await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Switches, properties), cancellationToken);
        _seen = null;
    }

    /// <summary>Goes back to what is configured.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Switches, "*"), cancellationToken);
        _seen = null;
    }

    /// <summary>Lets a write through, or a deletion.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: switched off.</exception>
    public async ValueTask DemandAsync(bool delete, CancellationToken cancellationToken)
    {
        var state = await GetAsync(cancellationToken);
        if (state.ReadOnly) throw new RegistryException(RegistryError.Unsupported, "the registry is read-only for now");
        if (delete && !state.DeleteEnabled) throw new RegistryException(RegistryError.Unsupported, "deleting is switched off");
    }

    private sealed record Seen(SwitchState State, long Time);
}
