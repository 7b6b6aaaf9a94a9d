namespace Serverless.Web.Auth;

/// <summary>Where the registry has no accounts that could be ended: nobody signs in, or another server knows who may.</summary>
internal sealed class OpenStanding : IStanding
{
    public ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken) => ValueTask.FromResult(true);
}
