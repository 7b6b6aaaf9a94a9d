namespace Serverless.Registry.Tests.Crashes;

/// <summary>Something that a client does, in a way that it can do again after a failure.</summary>
/// <param name="Prepare">What is there before.</param>
/// <param name="Act">What the client does; it may be called again on another instance.</param>
/// <param name="Check">What must hold once it has succeeded.</param>
public sealed record CrashScenario(
    Func<ContainerRegistry, Task> Prepare, Func<ContainerRegistry, Task> Act, Func<ContainerRegistry, Task> Check);
