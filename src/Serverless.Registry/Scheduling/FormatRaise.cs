using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// Raises the numbers of the releases that may work on what is stored.
/// <code>
///   runs of older releases                  whoever raises the format
///   ----------------------                  -----------------------------------------------------
///   claim a task  --------------either--+--or--  claim every task, one after the other; wait for those that run
///   read the format: refused, or go on  |       look: all are held
///   read what is stored, delete         |       the numbers, by the version of the row that was read
///   give the task back                  |       give all tasks back, as due as they were
/// </code>
/// So no older run has read half of what is stored when newer releases begin to store what it would take for garbage; and one that begins later is refused. Whatever fails on the way,
/// the row has its old numbers or its new ones, and claims that were not given back end by themselves. Runs that somebody began by hand hold no claim: they ask before each step.
/// </summary>
public sealed class FormatRaise
{
    // From the end of the last run until the numbers are written, which is a few calls to storage.
    private static readonly TimeSpan s_writing = TimeSpan.FromMinutes(5);

    private readonly RegistryContext _context;

    internal FormatRaise(RegistryContext context) => _context = context;

    /// <summary>What is stored.</summary>
    public Task<FormatReport> ReadAsync(CancellationToken cancellationToken) => new FormatRow(_context).ReadAsync(cancellationToken);

    /// <summary>Raises the numbers once no task runs. None is ever lowered.</summary>
    /// <param name="wanted">The numbers, from 1 to this release's own: above them it would lock itself out.</param>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of what is waited for; may be null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or above this release's own.</exception>
    /// <exception cref="RegistryException">UNSUPPORTED: tables and bytes are not of one registry; what is stored is a newer release's; or a row cannot be read, of the format or of a task.</exception>
    /// <exception cref="StorageUnavailableException">Storage did not answer in time.</exception>
    public async Task<FormatRaised> RaiseAsync(RegistryFormat wanted, FormatRaiseOptions options, Action<ClaimNote>? report, CancellationToken cancellationToken)
    {
        if (!_context.Options.Format.IsAsHighAs(wanted) || !wanted.IsAsHighAs(new RegistryFormat(1, 1))) throw new ArgumentOutOfRangeException(nameof(wanted));
        var row = new FormatRow(_context);
        var before = (await row.OpenAsync(wanted, options.Force, cancellationToken)).Known;
        if (before.IsAsHighAs(wanted)) return new FormatRaised.Already(before);

        // Over before the first claim is: what is written late shall not meet a run that has begun again.
        using var late = new CancellationTokenSource(options.Wait + s_writing, _context.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await using var claims = new AllClaims(new TaskClaims(_context.Tables, _context.TimeProvider), options.Wait + (2 * s_writing), _context.TimeProvider, report);
        try
        {
            if (await claims.TakeAsync(options.Tasks, options.Wait, end.Token) is { } running) return new FormatRaised.Busy(running.Task, running.Until);
            return new FormatRaised.Raised(await row.RaiseAsync(wanted, options.Force, end.Token));
        }
        catch (InvalidDataException e)
        {
            throw new RegistryException(RegistryError.Unsupported, e.Message, innerException: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException("Storage did not answer in time. The format may be raised or not: ask for it.", e);
        }
    }
}
