namespace Serverless.FunctionsHost;

/// <summary>The app is not one that the host would run.</summary>
public sealed class HostRefusesException(string message) : Exception(message);
