using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Serverless.Web.Tests;

/// <summary>Keeps what is logged: the message, what exceptions say, and the scopes.</summary>
[ProviderAlias("LogCapture")]
internal sealed class LogCapture : ILoggerProvider, ILogger, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<string> Lines { get; } = [];

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => _scopes.Push(state);

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        List<string> scopes = [];
        _scopes.ForEachScope(static (scope, list) => list.Add($"{scope}"), scopes);
        Lines.Enqueue($"{formatter(state, exception)} {exception?.Message} {string.Join(' ', scopes)}");
    }

    public void Dispose()
    {
    }
}
