namespace Serverless.Registry.Adoption;

/// <summary>Choices of an adoption.</summary>
/// <param name="Tasks">The names of the tasks that must not run meanwhile: those that collect garbage and verify.</param>
public sealed record AdoptOptions(IReadOnlyCollection<string> Tasks)
{
    /// <summary>The root directory of distribution's storage driver; empty: none is set.</summary>
    public string Root { get; init; } = "";

    /// <summary>Whether the bytes of each blob are read and compared with its digest, and not only counted.</summary>
    public bool Verify { get; init; }

    /// <summary>Whether to go on though something was written less than <see cref="DistributionAdoption.RestBefore"/> ago.</summary>
    public bool Force { get; init; }

    /// <summary>Whether to tell only what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>How long to wait for tasks that run.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(30);
}
