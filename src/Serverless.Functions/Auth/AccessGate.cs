using Serverless.Registry.Oci;

namespace Serverless.Functions.Auth;

/// <summary>Whether somebody may do something.</summary>
internal delegate bool AccessRule(RequiredAccess access);

/// <summary>
/// The only way to an endpoint. It decides on a request before anything is done, and hands out the <see cref="Caller"/> that every endpoint is called
/// with and that nobody else can make.
/// </summary>
/// <param name="rule">The rule for everybody: this registry has no accounts.</param>
internal sealed class AccessGate(AccessRule rule)
{
    /// <summary>Everybody who reaches the registry may do everything.</summary>
    public static AccessGate Open { get; } = new(static _ => true);

    /// <summary>Lets a request in.</summary>
    /// <exception cref="RegistryException">DENIED.</exception>
    public Caller Admit(RequiredAccess access) =>
        access == RequiredAccess.None || rule(access) ? new Caller(null, rule) : throw new RegistryException(RegistryError.Denied);
}
